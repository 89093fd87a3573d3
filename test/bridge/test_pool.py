"""Workers ahead of need, what happens when there are none, and what one costs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from bridge_client import Bridge, Session, marked, wait_until, workers_in_use


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A bridge with room for two."""
    folder = tmp_path_factory.mktemp("small")
    bridge = Bridge(folder, "--pool", "1", "--max-sessions", "2", "--max-waiting", "2", "--wait", "1")
    yield bridge
    bridge.stop()


def test_more_sessions_than_allowed_are_refused_as_busy(small, connect):
    client = connect(small)
    first, second = Session(client).open(), Session(client).open()
    third = Session(client)
    started = time.monotonic()
    third.send("open")
    closed = client.wait("closed", session=third.name)
    assert (closed["reason"], closed["code"]) == ("refused", "busy")
    assert 0.9 < time.monotonic() - started < 3
    run = client.run("1")
    assert (run.status, run.done["error"]["code"]) == ("lost", "busy")
    assert run.done["error"]["retryAfterMs"] > 0
    assert run.states == ["queued"]
    waiting = [client.start("1")[0] for _ in range(2)]
    assert client.run("1").done["error"]["code"] == "busy"
    first.close()
    assert client.finish(waiting[0]).status == "ok"
    assert client.finish(waiting[1]).status == "ok"
    second.close()


def test_a_waiting_run_can_be_taken_out_of_the_queue(small, connect):
    client = connect(small)
    sessions = [Session(client).open() for _ in range(2)]
    execution, name = client.start("1")
    client.send({"type": "interrupt", "execution": execution, "session": name})
    assert client.finish(execution).status == "interrupted"
    for session in sessions:
        session.close()


def test_who_goes_while_it_waits_for_a_worker_leaves_none_behind(small, connect):
    client = connect(small)
    sessions = [Session(client).open() for _ in range(2)]
    third, gone = Session(client), connect(small)
    third.send("open")
    third.send("close")
    assert client.wait("closed", session=third.name)["reason"] == "closed"
    gone.start("print('never', flush=True)")
    gone.close()
    for session in sessions:
        session.close()
    # Workers forked for those who waited are there for the next.
    wait_until(lambda: workers_in_use(client) == 0)
    assert client.run("2+2").value == "4"


def test_a_burst_beyond_the_pool_is_served(client):
    executions = [client.start(f"print({index})")[0] for index in range(12)]
    for index, execution in enumerate(executions):
        run = client.finish(execution)
        assert (run.status, run.stdout) == ("ok", f"{index}\n")
        assert run.states in ([], ["running"]) or (run.states[0], run.states[-1]) == ("queued", "running")


def test_an_execution_sent_with_its_open_needs_no_second_round_trip(client):
    session = Session(client)
    session.send("open")
    execution = session.start("'at once'")
    assert client.finish(execution).value == "'at once'"
    session.close()


def _private_megabytes(pid):
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        # It ended meanwhile.
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def test_an_idle_worker_costs_little_memory(shared_bridge, client):
    session = Session(client).open()
    session.run("1")
    before = {pid: _private_megabytes(pid) for pid in shared_bridge.below()}
    session.run("integrate(sin(x)^2, x)")
    after = {pid: _private_megabytes(pid) for pid in shared_bridge.below()}
    session.run("plot(sin(x), (x, 0, 1))")
    plotted = {pid: _private_megabytes(pid) for pid in shared_bridge.below()}
    session.run(marked("measured"))
    (pid,) = shared_bridge.named("measured")
    idle, after, plotted = before[pid], after[pid], plotted[pid]
    session.close()
    assert idle < 5
    assert after < 8
    assert plotted < 25


def test_a_worker_that_ended_leaves_no_process_descriptor_or_file(shared_bridge, client):
    def facts():
        descriptors = len(list(Path(f"/proc/{shared_bridge.pid}/fd").iterdir()))
        folders = len(list(shared_bridge.temp.glob("sage-bridge-*/w*")))
        # What the zygote makes in its first pause is no worker's.
        return descriptors, folders, len(shared_bridge.below()) - len(shared_bridge.named("gap-workspace"))

    for _ in range(3):
        client.run("open('file', 'w').write('x'); import os; os.makedirs('a/b/c')")
    client.run("1", limits={"wallMs": 5000})
    settled = [None]

    def is_settled():
        before, settled[0] = settled[0], facts()
        time.sleep(0.1)
        return before == settled[0]

    wait_until(is_settled)
    before = facts()
    for _ in range(30):
        client.run("open('file', 'w').write('x')")
    wait_until(lambda: facts() == before)
