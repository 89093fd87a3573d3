"""Modes of other systems: the shell, and the programs that Sage speaks with."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from bridge_client import Session, wait_until


def lines(run):
    return run.stdout.splitlines()


def bundle(run):
    return run.displays[-1]["data"]


@pytest.fixture
def system(session):
    """Runs code of a system; skips where that is not installed."""

    def run(name, code, **fields):
        done = session.run(f"%{name}\n{code}", **fields)
        if done.error and done.error["name"] == "NotInstalledError":
            pytest.skip(done.error["message"])
        return done

    return run


# ---- the shell ----


def test_a_shell_runs_in_the_directory_of_the_session(session):
    here = session.run("import os; print(os.getcwd())").stdout
    assert session.run("%sh pwd").stdout == here
    assert session.run("!pwd").stdout == here
    run = session.run("%sh\nfor i in 1 2; do\n  echo $i\ndone\necho bad >&2\nexit 3")
    assert (run.status, run.stdout, run.stderr) == ("ok", "1\n2\n", "bad\n[exit status 3]\n")


def test_the_output_of_a_shell_comes_as_it_is_made(session):
    execution = session.start("%sh echo first; sleep 20; echo never")
    session.wait_output(execution, "first")
    session.send("interrupt", execution=execution)
    run = session.client.finish(execution)
    assert run.status == "interrupted"
    assert "never" not in run.stdout
    assert session.run("2^3").value == "8"


def test_a_shell_that_ignores_interrupts_does_not_outlive_the_run(session):
    execution = session.start("%sh trap '' INT; echo $$; while true; do sleep 1; done")
    pid = int(session.wait_output(execution, "\n"))
    start = time.monotonic()
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    assert time.monotonic() - start < 5
    assert session.run(f"import os; os.path.exists('/proc/{pid}')").value == "False"


def test_a_long_script_is_run_too(session):
    assert session.run("%sh\n" + "# " + "é" * 60_000 + "\necho done").stdout == "done\n"


# ---- other systems ----


def test_gap_keeps_its_variables_and_prints_as_at_its_own_prompt(session, system):
    run = system(
        "gap",
        'x := 5;\nx^2;\ny := [1, 2];;\nf := function(n)\n  if n = 1 then return 1; fi;\n  return n*f(n-1);\nend;;\nf(5); # a;\n"b;c";',
    )
    assert (run.status, run.stdout) == ("ok", '5\n25\n120\n"b;c"\n')
    assert session.run("%gap x + 1").stdout == "6\n"
    run = session.run("%gap\n1;\n1/0;\n2;")
    assert (run.stdout, run.error["name"]) == ("1\n", "LanguageError")
    assert "divisor" in run.error["message"]
    assert "Syntax error" in session.run("%gap 5 5;").error["message"]
    assert session.run("%gap x;").stdout == "5\n"


def test_gp_keeps_its_variables_and_is_quiet_after_a_semicolon(session, system):
    run = system("gp", "x = 5;\nx^2\nf(n) = n + 1\nfor(i = 1, 2, print(i))\n\\\\ a remark\nf(1)")
    assert lines(run) == ["25", "(n)->n+1", "1", "2", "2"]
    assert session.run("%gp x").stdout == "5\n"
    run = session.run("%gp 1/0")
    assert "impossible inverse" in run.error["message"]
    assert session.run("%gp\ng(n) = {\n  my(a = n);\n  a^2\n}\ng(3)").stdout.splitlines()[-1] == "9"


def test_maxima_keeps_its_variables_and_is_quiet_after_a_dollar(session, system):
    run = system("maxima", "a : 5$ a^2;\nintegrate(sin(t), t);")
    assert lines(run) == ["25", "-cos(t)"]
    assert session.run("%maxima a;").stdout == "5\n"
    assert session.run("%maxima 1/0;").error["name"] == "LanguageError"
    assert session.run("%maxima foo(").error["message"] == "incorrect syntax"
    assert session.run("integrate(x, x)").value == "1/2*x^2"


def test_singular_keeps_its_variables(session, system):
    run = system("singular", "ring r = 0, (x, y), dp;\nideal i = x2 + y, xy;\nstd(i);")
    assert lines(run) == ["_[1]=y2", "_[2]=xy", "_[3]=x2+y"]
    assert "x2+y" in session.run("%singular i;").stdout
    assert "undefined" in session.run("%singular nonsense;").error["message"]


def test_r_prints_every_value_and_shows_its_pictures(session, system):
    run = system("r", "x <- c(1, 2, 3)\nmean(x)\nplot(x)\nx")
    assert lines(run) == ["[1] 2", "[1] 1 2 3"]
    assert "image/png" in bundle(run)
    assert "too" in session.run("%r stop('too bad')").error["message"]
    assert session.run("%r length(x)").stdout == "[1] 3\n"


def test_cython_defines_its_functions_for_the_session(session, system):
    run = system("cython", "def square(int n):\n    return n * n", limits={"cpuMs": 30_000})
    assert run.status == "ok", run.error
    assert session.run("square(12)").value == "144"
    assert run.displays == []


def test_a_system_of_one_session_is_not_that_of_another(client, connect):
    first = client.run("%gp zz = 5")
    assert first.stdout == "5\n"
    assert client.run("%gp zz").stdout == "zz\n"


def test_a_system_that_is_not_installed_says_what_to_install(session):
    run = session.run("import sage_bridge.languages as known\nprint(sorted(known.NAMES - set(known.available())))")
    missing = eval(run.stdout)
    for name in missing:
        error = session.run(f"%{name}\n2+2").error
        assert error["name"] == "NotInstalledError"
        assert re.fullmatch(r".+ is not installed on this server; %\w+ needs .+\.", error["message"])
        assert "pexpect" not in error["traceback"]
    assert "sh" not in missing


def test_a_session_can_be_interrupted_within_another_system(session, system):
    if system("gp", "1").status != "ok":
        pytest.skip("no PARI")
    execution = session.start("%gp\nprint(7)\nwhile(1,)")
    session.wait_output(execution, "7")
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    assert session.run("%gp 2+2").stdout == "4\n"


def test_an_interrupt_within_r_keeps_its_variables(session, system):
    system("r", "x <- 7")
    execution = session.start('%r\ncat("go\\n")\nSys.sleep(20)')
    session.wait_output(execution, "go")
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    assert session.run("%r x").stdout == "[1] 7\n"
    assert "ended" in session.run("%r q()").error["message"]
    assert session.run("%r 1").stdout == "[1] 1\n"


def sleepers(mark):
    """How many programs run with that argument, whatever number they have where they live."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += mark.encode() in path.read_bytes().split(b"\0")
        except OSError:
            continue
    return found


def test_programs_left_in_the_background_die_with_the_session(client):
    session = Session(client).open()
    mark = f"1000.{os.getpid()}"
    session.run(f"%sh\nsleep {mark} >/dev/null 2>&1 &\nsetsid sleep {mark} >/dev/null 2>&1 &")
    wait_until(lambda: sleepers(mark) == 2)
    session.close()
    wait_until(lambda: sleepers(mark) == 0)
