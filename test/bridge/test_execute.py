"""Running code: values, statements, errors with the reader's own lines."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("2+2", "4"),
        ("2^3", "8"),
        ("a = 5; a^2", "25"),
        ("factor(2^67-1)", "193707721 * 761838257287"),
        ("integrate(sin(x)^2, x)", "1/2*x - 1/4*sin(2*x)"),
        ("f(x) = x^2\nf(3)", "9"),
        ("R.<t> = QQ[]\n(t+1)^2", "t^2 + 2*t + 1"),
        ("[1..5]", "[1, 2, 3, 4, 5]"),
        ("1/3 + 1/6", "1/2"),
        ("'x^2'", "'x^2'"),
        ("var('q z')\nq*z", "q*z"),
        ("3 + \\\n4", "7"),
        ("matrix(2, [1, 2, 3, 4])", "[1 2]\n[3 4]"),
        ("EllipticCurve([0, 1]).rank()", "0"),
        ("def f():\n\n    return 1\n\nf()", "1"),
        ("for i in range(2):\n    pass\nelse:\n    j = 7\nj", "7"),
        ("x = 10\n\n\n# a comment\nx", "10"),
        ("x = 10; reset('x'); x", "x"),
        ("var('u', 'v')", "(u, v)"),
        ("var('u v'); (u + v)^2", "(u + v)^2"),
        ("for i in range(3): k = i\n'x'", "'x'"),
        ("s = 0\nfor i in [1..3]:\n    s += i\n\n    # indented\n# not indented\n    s *= 2   \ns", "22"),
        ("if False:\n    1\n\n# between\nelif True:\n    k = 2\nelse:\n    k = 3\nk", "2"),
        ("try:\n    1/0\nexcept ZeroDivisionError:\n    k = 1\nelse:\n    k = 2\nfinally:\n    k += 3\nk", "4"),
        ("@parallel\n# between\n@cached_function\ndef f(n):\n    return n\nf is not None", "True"),
        ("'%s' % 3, '%%d'", "('3', '%%d')"),
        ("2\r\n3\r\n", "3"),
        ("__name__", "'__main__'"),
    ],
)
def test_shows_the_value_of_the_last_expression(client, code, value):
    run = client.run(code)
    assert run.status == "ok", run.error
    assert run.value == value
    assert run.displays[-1]["result"] is True


def test_shows_nothing_for_none_an_assignment_a_semicolon_and_no_code(session):
    for code in ("None", "a = 3", "a;", "a;  # silent", "", "   \n# only a comment\n", "1; 2;"):
        run = session.run(code)
        assert (run.status, run.outputs) == ("ok", []), code
    assert session.run("'a;' # not silent;").value == "'a;'"


def test_python_is_not_preparsed(session):
    assert session.run("2^3", language="python").value == "1"
    assert session.run("2^3", language="sage").value == "8"
    assert session.run("type(1).__name__", language="python").value == "'int'"


def test_underscore_is_the_last_value_and_is_absent_at_first(session):
    assert session.run("_").error["name"] == "NameError"
    session.run("6*7")
    session.run("None")
    assert session.run("_ + 1").value == "43"


def test_a_session_keeps_its_variables_and_a_stateless_run_nothing(session, client):
    session.run("a = 41")
    assert session.run("a + 1").value == "42"
    client.run("leftover = 1")
    assert client.run("leftover").error["name"] == "NameError"


def test_the_rehearsal_leaves_no_names(client):
    run = client.run("print(sorted(n for n in globals() if n in ('_', '__', 'worker', 'namespace', 'preparse')))")
    assert run.stdout.strip() in ("[]", "['preparse']")


def test_a_session_begins_without_identifiers_of_the_readers(session):
    assert session.run("show_identifiers()").value == "[]"
    session.run("a = 1\nid = 2")
    assert session.run("sorted(show_identifiers())").value == "['a', 'id']"


def test_done_tells_times_and_comes_last_and_once(session):
    run = session.run("sum(range(100000))")
    assert [message["type"] for message in run.messages].count("done") == 1
    assert run.done["wallMs"] > 0
    assert run.done["cpuMs"] > 0
    assert run.done["cached"] is False
    assert run.done["truncated"] is False


@pytest.mark.parametrize(
    ("code", "name", "line"),
    [
        ("1/0", "ZeroDivisionError", 1),
        ("a = 1\n\n# comment\nb = 2\n1/0", "ZeroDivisionError", 5),
        ("def f():\n    return 1/0\n\nf()", "ZeroDivisionError", 2),
        ("x^2 + \\\n 1\n1/0", "ZeroDivisionError", 3),
        ("raise ValueError('ä∑😀')", "ValueError", 1),
        ("import json\njson.loads('{')", "JSONDecodeError", 2),
        ("exit()", "SystemExit", 1),
        ("import sys\nsys.exit(3)", "SystemExit", 2),
        ("raise SystemExit", "SystemExit", 1),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
        ("class E(Exception):\n    def __str__(self): raise TypeError\nraise E", "E", 3),
        ("def g(n):\n    return g(n+1)\ng(0)", "RecursionError", 2),
        ("\n".join(["pass"] * 300 + ["undefined_name"]), "NameError", 301),
    ],
)
def test_an_error_tells_its_name_and_the_readers_line(session, code, name, line):
    run = session.run(code)
    assert run.status == "error"
    assert run.error["name"] == name
    assert run.error["line"] == line
    assert session.run("1+1").value == "2"


def test_a_traceback_shows_the_readers_source_and_nothing_of_the_bridge(session):
    run = session.run("def half(n):\n    return n^2 / 0\n\nprint('before')\nhalf(3)")
    traceback = run.error["traceback"]
    assert run.stdout == "before\n"
    assert 'File "<cell>", line 2, in half' in traceback
    assert "return n^2 / 0" in traceback
    assert 'File "<cell>", line 5' in traceback
    assert "sage_bridge" not in traceback
    assert "Integer(" not in traceback
    assert traceback.startswith("Traceback (most recent call last):")
    assert traceback.splitlines()[-1].startswith("ZeroDivisionError: ")


def test_a_warning_names_the_readers_line_or_the_cell_and_never_the_bridge(session):
    run = session.run("import warnings\nwarnings.warn('mind this')\nwarnings.warn('and that', stacklevel=2)")
    assert run.stderr == (
        "<cell 1>:2: UserWarning: mind this\n  warnings.warn('mind this')\n<cell>: UserWarning: and that\n"
    )


def test_a_function_of_an_earlier_cell_keeps_its_own_source(session):
    session.run("def f():\n    x = 1\n    raise ValueError('early')")
    run = session.run("# another\nf()")
    assert run.error["line"] == 2
    assert "raise ValueError('early')" in run.error["traceback"]
    assert 'File "<earlier cell>", line 3' in run.error["traceback"]


def test_chained_exceptions_are_shown_without_the_bridge(session):
    run = session.run("try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ValueError('b') from e")
    assert "direct cause" in run.error["traceback"]
    assert "sage_bridge" not in run.error["traceback"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("print(1)\nfor", 2),
        ("print(1)\n\nx = = 2", 3),
        ("print(1)\n  y = 1", 2),
        ("print('a)", 1),
        ("return 5", 1),
        (" 2+2", 1),
        ("a = [1,\nb = 2", None),
        ("f(", None),
        ("x = 1\x00", None),
    ],
)
def test_a_syntax_error_runs_nothing_and_names_the_line(session, code, line):
    run = session.run(code)
    assert run.status == "error"
    assert run.stdout == ""
    assert run.error["name"] in ("SyntaxError", "IndentationError", "TabError")
    if line is not None:
        assert run.error["line"] == line
        assert code.split("\n")[line - 1].strip() in run.error["traceback"]


def test_a_syntax_error_inside_eval_is_told_at_the_line_that_called_it(session):
    run = session.run("a = 1\neval('1 +')")
    assert run.error["name"] == "SyntaxError"
    assert run.error["line"] == 2


def test_the_same_execution_twice_runs_once(session):
    session.run("n = 0")
    execution = session.start("n += 1; print(n)")
    session.send("execute", execution=execution, code="n += 1; print(n)")
    assert session.client.finish(execution).stdout == "1\n"
    assert session.run("n").value == "1"


def test_every_worker_draws_other_random_numbers(client):
    code = (
        "import random, numpy\n"
        "print([ZZ.random_element(10^12), random.random(), numpy.random.rand(), pari('random(10^12)'), "
        "GF(2^31-1).random_element(), RR.random_element()])"
    )
    draws = {client.run(code).stdout for _ in range(4)}
    assert len(draws) == 4
    for column in zip(*(text.strip("[]\n").split(", ") for text in draws)):
        assert len(set(column)) == 4, column


def test_gap_draws_other_random_numbers_in_every_worker(client):
    draws = {
        client.run(
            "print(libgap.eval('[Random(1, 10^12), Random(GlobalRandomSource, 1, 10^12)]'))", limits={"cpuMs": 60000}
        ).stdout
        for _ in range(2)
    }
    assert len(draws) == 2, draws


def test_a_run_sees_a_private_empty_directory_and_a_clean_environment(client):
    look = "import os, tempfile\nprint(os.getcwd()); print(os.listdir('.')); print(tempfile.gettempdir())\n"
    first = client.run(look + "open('mine', 'w').close(); open('.mine', 'w').close()")
    second = client.run(look)
    folder, listing, temp = first.stdout.splitlines()
    assert second.stdout.splitlines()[1] == listing
    assert listing == "['.sage']"
    assert temp == folder
    names = client.run("import os\nprint(sorted(os.environ))").stdout
    assert "TOKEN" not in names
    assert client.run("print(open('/proc/self/environ').read())").stdout.find("TOKEN") == -1


def test_maxima_gap_and_a_subprocess_answer(session):
    assert session.run("maxima('1+1')").value == "2"
    assert session.run("import subprocess\nsubprocess.run(['echo', 'hi'])").stdout == "hi\n"


def test_an_integral_beyond_maxima_comes_without_words_of_the_program_that_does_it(session):
    run = session.run("integrate(abs(sin(x)), x, 0, pi)")
    assert run.kinds == ["display:2"]


def test_a_missing_part_is_told_at_once_without_advice_that_no_reader_can_take(session):
    code = "from sage.features import Executable\nExecutable('a part', executable='nowhere', spkg='part').require()"
    run = session.run(code)
    assert run.error["message"] == "a part is not available.\nExecutable 'nowhere' not found on PATH."
    # Sage would start four of them, to ask for package systems.
    assert session.run("import resource\nresource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss").value == "0"


def test_a_fork_by_the_readers_code_speaks_only_through_its_pipes(session):
    run = session.run(
        "import os\npid = os.fork()\nif pid == 0:\n    print('child')\n    show(1)\n"
        "else:\n    os.waitpid(pid, 0); print('parent')"
    )
    assert run.status == "ok"
    assert "child" in run.stdout
    assert "parent" in run.stdout
    assert session.run("2").value == "2"
