"""Each limit holds, and the done or the closed that it causes names it."""

from __future__ import annotations

import time

import pytest
from bridge_client import Session

TIGHT = ("--pool", "2", "--memory", "300", "--disk", "8", "--files", "200", "--processes", "12")
#: Without namespaces and control groups, as on a machine that has neither.
OPEN = (*TIGHT, "--sandbox", "off")


@pytest.fixture(scope="module", params=[TIGHT, OPEN], ids=["sandbox", "off"])
def tight(request, tmp_path_factory):
    """A bridge whose sessions may take little, with the kernel to watch over it or without."""
    from bridge_client import Bridge

    bridge = Bridge(tmp_path_factory.mktemp("tight"), *request.param)
    bridge.is_open = request.param is OPEN
    yield bridge
    bridge.stop()


def test_memory(tight, connect):
    client = connect(tight)
    session = Session(client).open()
    started = time.monotonic()
    run = session.run("kept = []\nwhile True: kept.append(bytearray(1_000_000r))")
    assert (run.status, run.done["limit"]) == ("killed", "memory")
    assert "300 MiB" in run.done["message"]
    assert client.wait("closed", session=session.name)["reason"] in ("died", "killed")
    assert time.monotonic() - started < 15
    assert client.run("print(1)").stdout == "1\n"


def test_one_huge_object_is_an_error_and_the_session_lives(tight, connect):
    client = connect(tight)
    if tight.is_open:
        pytest.skip("no limit of address space without the sandbox")
    session = Session(client).open()
    run = session.run("bytearray(60 * 10^9)")
    assert (run.status, run.done["limit"], run.error["name"]) == ("error", "memory", "MemoryError")
    assert session.run("1").value == "1"
    session.close()


def test_bytes_of_files(tight, connect):
    client = connect(tight)
    session = Session(client).open()
    run = session.run(
        "import time\n"
        "for i in range(60):\n"
        "    with open(f'f{i % 30}', 'wb') as f: _ = f.write(b'x' * 1_000_000r)\n"
        "    time.sleep(0.1r)"
    )
    assert run.done["limit"] == "files"
    assert run.status == ("killed" if tight.is_open else "error")
    if not tight.is_open:
        assert "No space left" in run.error["message"]
        session.send("ack", seq=run.done["seq"])
        assert session.run("1").value == "1"
    session.close()


def test_number_of_files(tight, connect):
    client = connect(tight)
    session = Session(client).open()
    run = session.run("import time\nfor i in range(500): open(f'n{i}', 'w').close()\ntime.sleep(4)")
    assert run.done["limit"] == "files"
    assert run.status == ("killed" if tight.is_open else "error")
    session.close()


def test_processes(tight, connect):
    if tight.is_open:
        pytest.skip("no limit of processes without the sandbox")
    client = connect(tight)
    session = Session(client).open()
    run = session.run("import os, time\nfor i in range(100):\n    if os.fork() == 0: time.sleep(60); os._exit(0)")
    assert (run.status, run.done["limit"]) == ("error", "processes")
    session.close()


def test_a_fork_bomb_is_bounded_and_ends(tight, connect):
    if tight.is_open:
        pytest.skip("nobody starts one without the sandbox")
    client = connect(tight)
    started = time.monotonic()
    run = client.run(
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", limits={"wallMs": 1500, "cpuMs": 1000}
    )
    assert run.status == "timeout"
    assert run.done["limit"] in ("wall", "cpu")
    assert time.monotonic() - started < 8
    assert client.run("print(1)").stdout == "1\n"


def test_output_and_messages_are_named(client):
    run = client.run("for i in range(12): print('x' * 1_000_000)")
    assert (run.done["limit"], run.done["truncated"], run.status) == ("output", True, "ok")
    run = client.run("for i in range(10_100): show(i)")
    assert (run.done["limit"], run.done["truncated"], run.status) == ("messages", True, "ok")


def test_short_memory_makes_the_bridge_busy(start_bridge, connect):
    client = connect(start_bridge("--pool", "1", "--reserve", "1000000"))
    done = client.run("1").done
    assert (done["status"], done["error"]["code"]) == ("lost", "busy")
    assert done["error"]["retryAfterMs"] > 0
    session = Session(client)
    session.send("open")
    assert client.wait("closed", session=session.name)["code"] == "busy"
