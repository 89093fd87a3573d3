"""Questions to the reader, and expressions evaluated after a run."""

from __future__ import annotations

import pytest


def ask(session, code):
    """Starts code that asks; returns the execution and the prompt."""
    execution = session.start(code)
    while True:
        output = session.client.wait("output", execution=execution)["output"]
        if output["kind"] == "prompt":
            return execution, output


def test_input_is_answered_by_the_reader(session):
    execution, prompt = ask(session, "print('before')\nname = input('Name? ')\nprint('hello', name)")
    assert (prompt["text"], prompt["isSecret"]) == ("Name? ", False)
    session.send("answer", execution=execution, text="Ådé 😀")
    assert session.client.finish(execution).stdout == "hello Ådé 😀\n"


def test_a_secret_is_asked_for_as_one(session):
    execution, prompt = ask(session, "import getpass\ngetpass.getpass('Key: ')")
    assert (prompt["text"], prompt["isSecret"]) == ("Key: ", True)
    session.send("answer", execution=execution, text="x")
    assert session.client.finish(execution).value == "'x'"


def test_no_answer_is_the_end_of_input(session):
    execution, _ = ask(session, "input()")
    session.send("answer", execution=execution)
    assert session.client.finish(execution).error["name"] == "EOFError"


def test_a_question_can_be_interrupted_and_a_late_answer_is_an_error(session):
    execution, _ = ask(session, "input('wait')")
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    session.send("answer", execution=execution, text="late")
    error = session.client.wait("error")
    assert (error["code"], error["about"]) == ("unknown-execution", execution)
    execution, _ = ask(session, "input('again')")
    session.send("answer", execution=execution, text="new")
    assert session.client.finish(execution).value == "'new'"


def test_one_answer_answers_one_question(session):
    execution, _ = ask(session, "a = input(); b = input(); a + b")
    session.send("answer", execution=execution, text="1")
    session.send("answer", execution=execution, text="not asked for, or for the second")
    session.client.wait("output", execution=execution)
    session.send("answer", execution=execution, text="2")
    value = session.client.finish(execution).value
    assert value in ("'12'", "'1not asked for, or for the second'")


def test_an_answer_that_is_repeated_answers_its_own_question_alone(session):
    execution, _ = ask(session, "a = input(); b = input(); a + b")
    session.send("answer", execution=execution, text="1", prompt=1)
    session.send("answer", execution=execution, text="1", prompt=1)
    session.client.wait("output", execution=execution)
    session.send("answer", execution=execution, text="1", prompt=1)
    session.send("answer", execution=execution, text="2", prompt=2)
    assert session.client.finish(execution).value == "'12'"


def test_an_answer_to_a_question_that_was_not_asked_yet_is_an_error(session):
    execution, _ = ask(session, "input()")
    session.send("answer", execution=execution, text="early", prompt=2)
    assert session.client.wait("error")["code"] == "unknown-execution"
    session.send("answer", execution=execution, text="now", prompt=1)
    assert session.client.finish(execution).value == "'now'"


@pytest.mark.parametrize("status", ["ok", "error"])
def test_expressions_are_evaluated_after_a_run_that_ended_well(client, status):
    code = "a = 6" if status == "ok" else "1/0"
    run = client.run(code, expressions={"seven": "a + 1", "bad": "nobody", "worse": "1 +", "text": "2**3"})
    assert run.status == status
    if status == "error":
        assert "expressions" not in run.done
        return
    values = run.done["expressions"]
    assert values["seven"] == {"status": "ok", "data": {"text/plain": "7"}}
    assert values["text"]["data"]["text/plain"] == "8"
    assert (values["bad"]["status"], values["bad"]["name"]) == ("error", "NameError")
    assert values["worse"]["name"] == "SyntaxError"
