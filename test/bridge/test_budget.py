"""What is left of limits can be asked at any time, and what the limits are is told at the start."""

from __future__ import annotations

import pytest
from bridge_client import Bridge, Session, fresh


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A bridge with limits of its own."""
    options = ("--session-wall", "100", "--session-cpu", "40", "--stateless-wall", "20", "--idle", "50")
    bridge = Bridge(tmp_path_factory.mktemp("counted"), "--pool", "2", "--lifetime", "200", *options)
    yield bridge
    bridge.stop()


def ask(client, session, **more):
    """The answer to a ``budget``, without what repeats the question."""
    request = fresh("q")
    client.send({"type": "budget", "request": request, "session": session, **more})
    while True:
        message = client.receive()
        if request in (message.get("request"), message.get("about")):
            return {name: value for name, value in message.items() if name not in ("type", "request", "about")}


def test_a_session_at_rest_tells_its_idle_time_and_its_lifetime(counted, connect):
    session = Session(connect(counted)).open()
    left = ask(session.client, session.name)
    assert set(left) == {"idleMs", "lifetimeMs"}
    assert 40_000 < left["idleMs"] <= 50_000
    assert 190_000 < left["lifetimeMs"] <= 200_000
    session.close()


def test_a_running_execution_tells_what_is_left_of_its_time_and_processor_time(counted, connect):
    session = Session(connect(counted)).open()
    execution = session.start("print('begun')\nwhile True: pass")
    session.wait_output(execution, "begun")
    first = ask(session.client, session.name)
    assert set(first) == {"execution", "wallMs", "cpuMs", "lifetimeMs"}
    assert first["execution"] == execution
    assert 80_000 < first["wallMs"] < 100_000
    assert first["cpuMs"] <= 40_000
    later = first
    while later["cpuMs"] >= first["cpuMs"]:
        later = ask(session.client, session.name, execution=execution)
    assert later["wallMs"] < first["wallMs"]
    waiting = session.start("1", limits={"wallMs": 7_000})
    assert ask(session.client, session.name, execution=waiting)["wallMs"] == 7_000
    session.send("interrupt", execution=execution)
    assert session.client.finish(waiting).value == "1"
    assert "idleMs" in ask(session.client, session.name)
    session.close()


def test_a_stateless_run_has_no_session_to_end(counted, connect):
    client = connect(counted)
    execution, name = client.start("print('begun')\nwhile True: pass")
    client.wait("output", execution=execution)
    left = ask(client, name, execution=execution)
    assert set(left) == {"execution", "wallMs", "cpuMs"}
    assert left["wallMs"] < 20_000
    assert left["cpuMs"] < 5_000
    client.send({"type": "kill", "session": name, "execution": execution})
    assert client.finish(execution).status == "killed"


def test_who_asks_about_nothing_is_told_so(session):
    assert ask(session.client, session.name, execution="nobody")["code"] == "unknown-execution"
    assert ask(session.client, "nowhere")["code"] == "unknown-session"


def test_the_limits_are_told_at_the_start(counted, connect):
    limits = connect(counted).ready["limits"]
    assert limits["session"] == {"wallMs": 100_000, "cpuMs": 40_000}
    assert limits["stateless"] == {"wallMs": 20_000, "cpuMs": 5_000}
    assert (limits["idleMs"], limits["lifetimeMs"], limits["graceMs"]) == (50_000, 200_000, 120_000)
    assert limits["memoryBytes"] == 1 << 30


def test_what_the_machine_does_not_keep_is_told_with_a_reason(start_bridge, connect):
    bridge = start_bridge("--pool", "1", "--sandbox", "off", "--egress")
    ready = connect(bridge).ready
    gaps = {gap["limit"]: gap["reason"] for gap in ready["limits"]["unenforced"]}
    assert set(gaps) == {"processes", "processors"}
    assert all(gaps.values())
    assert ready["sandbox"]["egress"] is True
    log = (bridge.temp.parent / "log").read_text()
    assert '"processes"' in log
    assert "not kept" in log
