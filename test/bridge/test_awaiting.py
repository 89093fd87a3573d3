"""Code that awaits something outside of every function."""

from __future__ import annotations

import pytest

SLOW = "import asyncio\nasync def f(n):\n    await asyncio.sleep(0.01)\n    return n^2\n"


def test_the_value_of_the_last_expression_is_what_it_awaits(session):
    assert session.run(f"{SLOW}await f(3)").value == "9"
    assert session.run("await f(4)").value == "16"
    assert session.run("_").value == "16"
    assert session.run("await f(5);").displays == []


def test_statements_may_await_too(session):
    run = session.run(f"{SLOW}await asyncio.sleep(0)\nprint(1)\na, b = await asyncio.gather(f(2), f(3))\nprint(a + b)")
    assert (run.status, run.stdout) == ("ok", "1\n13\n")
    run = session.run(
        "async def g():\n    for i in range(3):\n        yield i\nasync for i in g():\n    print(i)\n[i async for i in g()]"
    )
    assert (run.stdout, run.value) == ("0\n1\n2\n", "[0, 1, 2]")


def test_plain_python_awaits_as_well(session):
    run = session.run("import asyncio\nawait asyncio.sleep(0, 2^3)", language="python")
    assert run.value == "1"


def test_a_task_of_one_cell_is_awaited_in_the_next(session):
    session.run(f"{SLOW}task = asyncio.ensure_future(f(6)); await asyncio.sleep(0)")
    assert session.run("await task").value == "36"
    session.run("started = asyncio.create_task(f(7)); await asyncio.sleep(0)")
    assert session.run("await started").value == "49"


def test_modes_run_code_that_awaits(session):
    run = session.run("import asyncio\n%time await asyncio.sleep(0.01, 7)")
    assert (run.status, run.value) == ("ok", "7")
    assert "Wall time" in run.stdout


def test_an_error_has_the_lines_of_the_code_and_nothing_of_the_loop(session):
    run = session.run("import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 1/0\n\nx = 1\nawait f()")
    error = run.outputs[-1]
    assert (error["name"], error["line"]) == ("ZeroDivisionError", 4)
    assert 'File "<cell>", line 7' in error["traceback"]
    assert 'File "<cell>", line 4, in f' in error["traceback"]
    assert "asyncio/" not in error["traceback"]
    assert "sage_bridge" not in error["traceback"]


@pytest.mark.parametrize("code", ["await asyncio.sleep(60)", "while True: await asyncio.sleep(0)", "while True: pass"])
def test_an_interrupt_stops_it_where_it_waits_and_the_next_cell_can_await(session, code):
    execution = session.start(f"import asyncio\nprint('begun', flush=True)\nawait asyncio.sleep(0)\n{code}")
    session.wait_output(execution, "begun")
    session.send("interrupt", execution=execution)
    run = session.client.finish(execution)
    assert (run.status, run.error) == ("interrupted", None)
    assert session.run("await asyncio.sleep(0, 5)").value == "5"


def test_an_alarm_has_the_line_that_it_came_in(session):
    error = session.run("import asyncio\nalarm(0.3)\nawait asyncio.sleep(60)").error
    assert (error["name"], error["line"]) == ("AlarmInterrupt", 3)
    assert "asyncio/base" not in error["traceback"]


def test_code_cleans_up_when_it_is_interrupted(session):
    execution = session.start(
        "import asyncio\ntry:\n    print('begun', flush=True)\n    await asyncio.sleep(60)\nfinally:\n    print('cleaned')"
    )
    session.wait_output(execution, "begun")
    session.send("interrupt", execution=execution)
    run = session.client.finish(execution)
    assert (run.status, run.stdout) == ("interrupted", "cleaned\n")


def test_what_does_not_react_to_an_interrupt_is_left_behind(session):
    execution = session.start(
        "import asyncio\nprint('begun', flush=True)\nwhile True:\n    try:\n        await asyncio.sleep(60)\n"
        "    except asyncio.CancelledError:\n        pass"
    )
    session.wait_output(execution, "begun")
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    assert session.run("await asyncio.sleep(0, 5)").value == "5"


def test_outside_of_asynchronous_functions_await_is_still_an_error(session):
    run = session.run("def f():\n    await g()\n1")
    assert (run.outputs[-1]["name"], run.outputs[-1]["line"]) == ("SyntaxError", 2)
