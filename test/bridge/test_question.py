# SPDX-License-Identifier: GPL-2.0-or-later
"""A question mark after a name, as the last line of a cell."""

from __future__ import annotations

import pytest
from sage_bridge import question


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("factor?", ("", "factor?")),
        ("a = 1\nfactor??", ("a = 1", "factor??")),
        ("?factor", ("", "factor?")),
        ("matrix.identity?  \n", ("", "matrix.identity?")),
        ("*plot*?", None),
        ("plot*?", ("", "plot*?")),
        ("factor(5)?", None),
        ("a b?", None),
        ("'x?'", None),
        ("?", None),
        ("", None),
    ],
)
def test_a_question_is_a_name_and_question_marks_on_the_last_line(code, found):
    assert question.at_end(code) == found


def test_shows_the_documentation_of_a_name_after_running_what_stands_before(session):
    run = session.run('def f(n):\n    """Twice n."""\n    return 2*n\nprint(f(3))\nf?')
    assert (run.status, run.stdout) == ("ok", "6\n")
    assert "Twice n." in run.value
    assert "f(n)" in run.value


def test_shows_the_source_for_two_question_marks(session):
    run = session.run("def g(n):\n    return 3*n")
    assert run.status == "ok"
    assert "return 3*n" in session.run("g??").value


def test_shows_what_sage_says_of_its_own(client):
    run = client.run("factor?")
    assert run.status == "ok", run.error
    assert "factorization" in run.value.lower()


def test_knows_nothing_of_names_that_are_not_there(session):
    run = session.run("nothing_of_the_kind?")
    assert run.status == "error"
    assert run.error["name"] == "NameError"
    assert "nothing_of_the_kind" in run.error["message"]


def test_leaves_other_syntax_errors_what_they_are(session):
    assert session.run("factor(5)?").error["name"] == "SyntaxError"
