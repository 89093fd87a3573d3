"""Text: complete, in order, at once, whatever writes it and whatever is in it."""

from __future__ import annotations

import time

import pytest


def test_text_and_shown_values_keep_their_order(session):
    run = session.run("for i in range(10):\n    print(i)\n    show(x^i)\nprint('end')")
    expected = []
    for index in range(10):
        shown = "1" if index == 0 else "x" if index == 1 else f"x^{index}"
        expected += [f"stdout:{index}\n", f"display:{shown}"]
    assert run.kinds == [*expected, "stdout:end\n"]


def test_the_two_streams_keep_their_order(session):
    run = session.run(
        "import sys\nfor i in range(5):\n    print('o', i)\n    print('e', i, file=sys.stderr)\nprint('end')"
    )
    assert run.kinds == [one for i in range(5) for one in (f"stdout:o {i}\n", f"stderr:e {i}\n")] + ["stdout:end\n"]


def test_text_of_programs_and_of_c_code_comes_in_order(session):
    run = session.run(
        "import os, subprocess\nprint('a')\nos.system('echo b')\nprint('c')\nos.write(1, b'd\\n')\n"
        "subprocess.run('echo e; echo f >&2', shell=True)\nprint('g')"
    )
    assert run.stdout == "a\nb\nc\nd\ne\ng\n"
    assert run.stderr == "f\n"


def test_text_is_seen_while_the_code_goes_on(session):
    execution = session.start("import time\nprint('a', end='')\nprint('b')\ntime.sleep(30)")
    started = time.monotonic()
    session.wait_output(execution, "ab\n")
    assert time.monotonic() - started < 1
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"


def test_a_burst_of_prints_arrives_as_few_messages(session):
    run = session.run("for i in range(2000): print(i)")
    assert run.stdout == "".join(f"{i}\n" for i in range(2000))
    assert len(run.outputs) < 50


@pytest.mark.parametrize("size", [0, 1, *range(4090, 4101), 8191, 8192, 8193, 32767, 32768, 32769, 65537, 100000])
def test_no_length_of_text_is_special(session, size):
    run = session.run(f"print('a'*{size})")
    assert run.stdout == "a" * size + "\n"
    assert all(len(output["text"]) <= 32_768 for output in run.outputs)


@pytest.mark.parametrize(
    "text", ["effectuées", "∑ ∀ 漢字", "😀" * 20000, "\u2028\u2029", "<b onclick>", "\x1b[31mred", "tab\there"]
)
def test_any_text_comes_through(session, text):
    run = session.run(f"print({text!r})")
    assert run.stdout == text + "\n"
    assert session.run(f"{text!r}").status == "ok"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (r"print('a\ud800b')", "a\ufffdb\n"),
        (r"print('a\x00b')", "a\ufffdb\n"),
        (r"import os; os.write(1, b'a\xffb\n')", "a\ufffdb\n"),
        (r"import os; n = os.write(1, b'\xe2\x82')", "\ufffd"),
        (r"import os, time; os.write(1, b'\xe2\x82'); time.sleep(0.1r); n = os.write(1, b'\xac')", "€"),
        (r"import sys; n = sys.stdout.buffer.write(b'raw\n')", "raw\n"),
    ],
)
def test_broken_text_is_repaired_not_fatal(session, code, text):
    run = session.run(code)
    assert run.status == "ok", run.error
    assert run.stdout == text
    assert session.run("1").value == "1"


def test_lone_surrogates_in_values_and_errors_are_repaired(session):
    assert session.run(r"'a\ud800'").status == "ok"
    assert session.run(r"raise ValueError('a\ud800')").error["message"] == "a\ufffd"


def test_output_beyond_the_limit_is_dropped_once_marked_and_the_code_goes_on(client):
    run = client.run("for i in range(12): print('x'*1000000)\na = 5\na", limits={"wallMs": 30000})
    assert run.status == "ok"
    assert run.done["truncated"] is True
    assert run.stderr.count("dropped") == 1
    assert 10_000_000 < len(run.stdout) <= 10_485_760


def test_more_messages_than_allowed_are_dropped(client):
    run = client.run(
        "from sage.repl.rich_output import get_display_manager\nm = get_display_manager()\n"
        "for i in range(10100): m.display_immediately(1)",
        limits={"cpuMs": 30000, "wallMs": 30000},
    )
    assert run.done["truncated"] is True
    assert len(run.outputs) <= 10_000
    assert run.stderr.count("dropped") == 1


def test_an_endless_flood_stays_interruptible(session):
    execution = session.start("while True: print('flood')")
    session.wait_output(execution, "flood")
    session.send("interrupt", execution=execution)
    started = time.monotonic()
    assert session.client.finish(execution).status == "interrupted"
    assert time.monotonic() - started < 3


def test_closed_streams_do_not_end_the_session(session):
    assert session.run("import sys\nsys.stdout.close()\nprint('still')").stdout == "still\n"
    run = session.run("import os\nos.close(1); os.close(2)")
    assert run.status == "ok"
    assert session.run("1+1").value == "2"


def test_replaced_streams_are_the_readers_own_affair(session):
    run = session.run(
        "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as f:\n    print('x')\nf.getvalue()"
    )
    assert run.value == "'x\\n'"
    assert run.stdout == ""
