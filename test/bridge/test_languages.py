"""Code as a whole in another language: which there are is told, and one that is missing is said to be."""

from __future__ import annotations

import shutil

import pytest

#: What is tried in each: a program, and what it prints.
PROGRAMS = {
    "gap": ("Size(SymmetricGroup(4));", "24"),
    "gp": ("for(n=1,2,print(n^10))", "1\n1024"),
    "maxima": ("integrate(sin(x)^2, x);", "sin(2*x)"),
    "octave": ("disp(6*7)", "42"),
    "r": ("cat(sum(1:10))", "55"),
    "sh": ("echo $((6*7)); echo %gap", "42\n%gap"),
    "singular": ("ring r=0,(x,y),dp; poly f=(x+y)^2; f;", "x2+2xy+y2"),
    "macaulay2": ("print(6*7)", "42"),
}


def test_the_languages_of_every_sage_are_told(client):
    told = client.ready["languages"]
    assert told[:3] == ["sage", "python", "html"]
    assert {"gap", "gp", "maxima", "sh"} <= set(told)
    assert len(told) == len(set(told))


def test_a_program_that_is_not_installed_is_not_told(client):
    for language, program in (("octave", "octave"), ("macaulay2", "M2"), ("r", "R")):
        if shutil.which(program) is None:
            assert language not in client.ready["languages"]


@pytest.mark.parametrize("language", PROGRAMS)
def test_code_in_a_language_runs_or_is_said_not_to(session, language):
    code, printed = PROGRAMS[language]
    run = session.run(code, language=language)
    if language in session.client.ready["languages"]:
        assert (run.status, run.error) == ("ok", None)
        assert printed.replace(" ", "") in run.stdout.replace(" ", "")
    else:
        assert (run.status, run.done["error"]["code"]) == ("lost", "unknown-language")
        assert "is not installed on this server" in run.done["message"]
        assert run.outputs == []
    assert session.run("1+1").value == "2"


def test_html_is_shown_as_it_is(session):
    run = session.run("<b>%sage</b>\n1+1", language="html")
    assert run.displays[-1]["data"]["text/html"] == "<b>%sage</b>\n1+1"


def test_what_goes_wrong_in_a_language_is_an_error_with_the_lines_of_the_reader(session):
    run = session.run("1+;", language="gap")
    assert run.status == "error"
    assert run.error["name"] == "LanguageError"
    assert "yntax" in run.error["message"]


@pytest.mark.parametrize(
    ("language", "code", "printed"),
    [
        ("gap", "Print(7);", "7"),
        ("gp", "print1(7)", "7"),
        ("maxima", "print(7)$", "7"),
        ("maxima", 'for i thru 3 do print("line", i)$', "line 3"),
        ("r", "cat(7)", "7"),
        ("sh", "printf 7", "7"),
        ("singular", "print(7);", "7\n"),
    ],
)
def test_what_a_language_prints_is_not_kept_back(session, language, code, printed):
    if language not in session.client.ready["languages"]:
        pytest.skip(f"{language} is not installed on this machine")
    assert printed in session.run(code, language=language).stdout
    # Nothing of it turns up later.
    assert session.run("").stdout == ""


def test_sage_and_another_language_share_a_session(session):
    session.run("a := 7;;", language="gap")
    assert session.run("Print(a^2);", language="gap").stdout == "49"
    assert session.run("2^3").value == "8"
    assert session.run("2^3", language="python").value == "1"
