"""The bridge as a user who is not root: with user namespaces, and without."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from bridge_client import Bridge, Client, Session, marked, wait_until
from sage_bridge.sandbox.kinship import is_alive
from unprivileged import ROOT, UNPRIVILEGED, become_unprivileged

#: Level of the sandbox, and the options that give it to an unprivileged user.
LEVELS = {"userns": (), "floor": ("--without", "user-namespace")}
#: Without a user of its own a session shares the number of processes with whatever else that user runs.
SMALL = ("--pool", "2", "--memory", "300", "--files", "200", "--processes", "300")


def start(level):
    """A bridge of an unprivileged user; skips the test, telling why, where the level can't be had."""
    folder = Path(tempfile.mkdtemp(prefix="unprivileged-"))
    if ROOT:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    bridge = Bridge(folder, *SMALL, *LEVELS[level], prepare=become_unprivileged if ROOT else None)
    bridge.folder = folder
    if bridge.listening["sandbox"] != level:
        lines = map(json.loads, (folder / "log").read_text().splitlines())
        gaps = next((line["missing"] for line in lines if line.get("event") == "sandbox"), None)
        end(bridge)
        pytest.skip(f"this machine gives a user {bridge.listening['sandbox']}, not {level}: {gaps}")
    return bridge


def end(bridge):
    bridge.stop()
    shutil.rmtree(bridge.folder, ignore_errors=True)


@pytest.fixture(scope="module", params=LEVELS)
def humble(request):
    """One bridge for each level."""
    bridge = start(request.param)
    yield bridge
    end(bridge)


@pytest.fixture
def session(humble):
    """An open session there, alone on its link."""
    client = Client(humble).auth()
    one = Session(client).open()
    yield one
    one.close()
    client.close()


def test_every_process_is_the_users(humble, session):
    assert session.run("1+1").value == "2"
    wanted = UNPRIVILEGED if ROOT else os.geteuid()
    for pid in [humble.pid, *humble.below()]:
        assert os.stat(f"/proc/{pid}").st_uid in (wanted, 0) or not is_alive(pid)
        assert f"Uid:\t{wanted}" in Path(f"/proc/{pid}/status").read_text()


def test_sage_works_there(session):
    assert session.run("integrate(sin(x)^2, x)").value == "1/2*x - 1/4*sin(2*x)"
    assert "image/svg+xml" in str(session.run("plot(sin(x), (x, 0, 1))").displays)
    assert session.run("%gap\nSize(SymmetricGroup(4));").stdout == "24\n"
    assert session.run("import subprocess\nsubprocess.run(['echo', 'hello'], capture_output=True).stdout").value
    assert session.run("%sh touch a && ls a").stdout == "a\n"


def test_gap_is_loaded_there_and_no_session_can_take_that_from_the_others(humble):
    humble.wait_for_gap()
    client = Client(humble).auth()
    loaded = "print('-L' in str(libgap.eval('GAPInfo.SystemCommandLine')), libgap.eval('Size(SymmetricGroup(4))'))"
    assert client.run(loaded).stdout == "True 24\n"
    # The file is this user's, and so is every session.
    client.run("import os; os.fchmod(201r, 0r)")
    assert client.run(loaded).stdout in ("True 24\n", "False 24\n")
    client.close()


def test_what_is_not_the_sessions_is_out_of_reach(session):
    for code in (
        "open('/etc/shadow')",
        "import os; os.listdir('/root')",
        "import socket; socket.create_connection(('127.0.0.1', 80), 2)",
        "import os; os.kill(os.getppid(), 9) if os.getppid() else os.kill(999999, 9)",
        "open('/usr/bin/x', 'w')",
    ):
        run = session.run(code)
        assert (run.status, run.error is None) == ("error", False), code
    assert session.run("1+1").value == "2"


def test_two_sessions_do_not_see_each_others_files(session):
    session.run("import os; open('secret', 'w').write('x'); here = os.getcwd()")
    here = session.run("print(here)").stdout.strip()
    other = Session(session.client).open()
    assert other.run(f"open({here + '/secret'!r})").error["name"] in ("FileNotFoundError", "PermissionError")
    other.close()


def test_an_interrupt_reaches_code_and_programs(session):
    for code in ("while True: pass", "import os\nos.system('sleep 100')"):
        execution = session.start("print('begun')\n" + code)
        session.wait_output(execution, "begun")
        session.send("interrupt", execution=execution)
        assert session.client.finish(execution).status == "interrupted"


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("kept = []\nwhile True: kept.append(bytearray(1_000_000r))", "memory"),
        ("import time\nfor i in range(300): open(f'n{i}', 'w').close()\ntime.sleep(4)", "files"),
        ("import os\nwhile True: _ = os.posix_spawn('/bin/sleep', ['sleep', '60'], {})", "processes"),
    ],
)
def test_a_limit_that_is_reached_is_named(session, code, limit):
    assert session.client.run(code).done["limit"] == limit
    assert session.client.run("print(1)").stdout == "1\n"


def test_nothing_of_a_session_is_left_when_it_ends(humble, session):
    name = f"left-{os.getpid() % 10_000}"
    # What the test before has left counts as this user's as long as it has not ended.
    wait_until(lambda: len(humble.below()) < 50)
    run = session.run(
        marked(name) + "import os, signal, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork(): os._exit(0)\n"
        "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "        time.sleep(60)\n"
        "        os._exit(0)"
    )
    assert run.error is None
    wait_until(lambda: len(humble.named(name)) == 9)
    session.close()
    wait_until(lambda: humble.named(name) == [])


# The last one, because there is no such bridge afterwards.
def test_everything_ends_with_a_bridge_that_is_killed(humble, session):
    execution = session.start("print('begun')\nwhile True: pass")
    session.wait_output(execution, "begun")
    pids = humble.below()
    humble.process.kill()
    wait_until(lambda: not any(map(is_alive, pids)))
    wait_until(lambda: list(humble.temp.iterdir()) == [])
