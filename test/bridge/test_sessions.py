"""Sessions outlive links: numbering, acknowledging, taking over, ending."""

from __future__ import annotations

import os
import signal
import socket

import pytest
from bridge_client import Session, fresh, marked, wait_until
from sage_bridge.sandbox.kinship import children


def numbers(messages):
    return [message["seq"] for message in messages if "seq" in message]


def replay(client, name, after):
    """Attaches and returns the answer."""
    client.send({"type": "attach", "session": name, "after": after})
    return client.wait("opened", session=name)


def test_messages_of_a_session_are_numbered_without_holes(client, session):
    runs = [session.run(f"print({i})\nshow({i})") for i in range(3)]
    messages = [message for run in runs for message in run.messages]
    assert numbers(messages) == list(range(1, len(messages) + 1))
    assert len(messages) >= 9


def test_another_link_takes_a_session_over_with_nothing_lost_or_doubled(connect):
    first, second = connect(), connect()
    session = Session(first).open()
    execution = session.start(
        "import time\nfor i in range(30):\n    print(i)\n    show(i)\n    time.sleep(0.01r)", limits={"wallMs": 20000}
    )
    seen = []
    while len(seen) < 7:
        seen.append(first.receive())
    first.close()
    opened = replay(second, session.name, seen[-1]["seq"])
    assert (opened["resumed"], opened["missed"]) == (True, 0)
    seen += second.finish(execution).messages
    assert numbers(seen) == list(range(1, len(seen) + 1))
    text = "".join(message["output"].get("text", "") for message in seen if message["type"] == "output")
    assert text == "".join(f"{i}\n" for i in range(30))
    assert second.run("i", session.name).value == "29"
    second.send({"type": "close", "session": session.name})


def test_the_old_link_is_told_gets_nothing_more_and_has_no_say(connect):
    first, second = connect(), connect()
    session = Session(first).open()
    replay(second, session.name, 0)
    assert first.wait("closed", session=session.name)["reason"] == "taken-over"
    second.run("a = 1", session.name)
    first.nothing_more()
    first.send({"type": "close", "session": session.name})
    assert first.wait("error")["code"] == "unknown-session"
    assert second.run("a", session.name).value == "1"
    second.send({"type": "close", "session": session.name})


def test_what_is_acknowledged_is_not_kept_and_missed_says_so(connect):
    first, second, third = connect(), connect(), connect()
    session = Session(first).open()
    messages = session.run("for i in range(3): show(i)").messages
    first.send({"type": "ack", "session": session.name, "seq": 2})
    first.send({"type": "ping"})
    first.wait("pong")
    assert replay(second, session.name, 2)["missed"] == 0
    assert [second.receive() for _ in messages[2:]] == messages[2:]
    assert replay(third, session.name, 0)["missed"] == 2
    third.send({"type": "close", "session": session.name})


def test_a_result_made_while_no_relay_was_there_is_replayed(connect, shared_bridge):
    first = connect()
    session = Session(first).open()
    execution = session.start("import time; time.sleep(0.2r); 'late'")
    first.close()
    second = connect()
    replay(second, session.name, 0)
    assert second.finish(execution).value == "'late'"
    second.send({"type": "close", "session": session.name})


def test_the_end_of_a_session_can_still_be_fetched(connect):
    first, second = connect(), connect()
    session = Session(first).open()
    execution = session.start("import os, time; time.sleep(0.1r); os._exit(3)")
    first.close()
    replay(second, session.name, 0)
    assert second.finish(execution).status == "killed"
    assert second.wait("closed", session=session.name)["reason"] == "died"


def test_attaching_to_nothing_is_answered_by_lost(client):
    client.send({"type": "attach", "session": "never-was", "after": 0})
    closed = client.wait("closed")
    assert (closed["reason"], closed["code"]) == ("lost", "session-lost")


def test_a_name_in_use_is_refused(client, session):
    client.send({"type": "open", "session": session.name})
    error = client.wait("error")
    assert (error["code"], error["about"]) == ("duplicate-id", session.name)
    done = client.run("1", session=session.name, stateless=True).done
    assert done["error"]["code"] == "duplicate-id"


def test_an_unread_session_stops_its_worker_and_loses_nothing(connect):
    first, second = connect(), connect()
    session = Session(first).open()
    execution = session.start("import sys\nfor i in range(9000): print(str(i).zfill(999))\n'end'")
    wait_until(lambda: first.receive()["type"] == "output")
    first.close()
    replay(second, session.name, 0)
    text, messages = "", []
    while True:
        message = second.receive()
        messages.append(message)
        if message["type"] == "output" and message["output"]["kind"] == "stream":
            text += message["output"]["text"]
        if message["type"] == "done":
            break
        if len(messages) % 20 == 0:
            second.send({"type": "ack", "session": session.name, "seq": message["seq"]})
    assert (message["execution"], message["status"], message["truncated"]) == (execution, "ok", False)
    assert text == "".join(str(i).zfill(999) + "\n" for i in range(9000))
    assert numbers(messages) == list(range(messages[0]["seq"], messages[-1]["seq"] + 1))
    second.send({"type": "close", "session": session.name})


def test_a_full_buffer_does_not_keep_an_execution_from_being_interrupted(client, session):
    execution = session.start("while True: print('x' * 1000)")
    received = 0
    with pytest.raises(socket.timeout):
        while True:
            received += len(client.receive(0.5).get("output", {}).get("text", ""))
    assert 4_000_000 < received < 6_000_000
    session.send("interrupt", execution=execution)
    run = client.finish(execution)
    assert (run.status, run.done["truncated"]) == ("interrupted", True)
    session.send("ack", seq=run.done["seq"])
    assert session.run("1").value == "1"


def test_stateless_runs_end_with_their_link(connect, shared_bridge):
    first = connect()
    execution, _ = first.start(marked("linked") + "print('begun', flush=True)\nwhile True: pass")
    first.wait("output", execution=execution)
    assert len(shared_bridge.named("linked")) == 1
    first.close()
    wait_until(lambda: not shared_bridge.named("linked"), 5)


def test_sessions_end_when_idle_old_or_forgotten(start_bridge, connect):
    bridge = start_bridge("--pool", "2", "--idle", "0.6", "--lifetime", "1.5", "--grace", "0.5")
    first, second = connect(bridge), connect(bridge)
    idle = Session(first).open()
    assert first.wait("closed", session=idle.name)["reason"] == "idle"
    old = Session(first).open()
    execution = old.start("while True: pass")
    run = first.finish(execution)
    assert (run.status, run.done["limit"]) == ("killed", "lifetime")
    assert first.wait("closed", session=old.name)["reason"] == "lifetime"
    forgotten = Session(first).open()
    forgotten.run(marked("forgotten"))
    first.close()
    wait_until(lambda: not bridge.named("forgotten"), 5)
    wait_until(lambda: _attach(second, forgotten.name)["type"] == "closed", 5)


def _attach(client, name):
    client.send({"type": "attach", "session": name, "after": 0})
    while True:
        message = client.receive()
        if message["type"] in ("opened", "closed"):
            return message


def test_sessions_live_on_when_the_zygote_dies(start_bridge, connect):
    bridge = start_bridge("--pool", "2")
    client = connect(bridge)
    session = Session(client).open()
    session.run("a = 41")
    os.kill(_zygote(bridge), signal.SIGKILL)
    assert session.run("a + 1").value == "42"
    run = client.run("print(6*7)")
    while run.status == "lost":
        run = client.run("print(6*7)")
    assert run.stdout == "42\n"
    execution = session.start("import os; os._exit(7)")
    assert "exit code 7" in client.finish(execution).done["message"]


def _zygote(bridge):
    # The keepers above it have no other child, it has the workers.
    while True:
        pid, below = None, [bridge.pid]
        while len(below) == 1:
            pid = below[0]
            below = children(pid)
        if below:
            return pid


@pytest.mark.parametrize("count", [40])
def test_many_clients_at_once_lose_nothing(connect, count):
    clients = [connect() for _ in range(count)]
    names = [fresh("many") for _ in clients]
    started = [client.start(f"print({index})") for index, client in enumerate(clients)]
    for index, (client, (execution, _)) in enumerate(zip(clients, started)):
        run = client.finish(execution)
        assert (run.status, run.stdout) == ("ok", f"{index}\n")
    assert len(set(names)) == count


def test_a_session_that_is_only_being_built_again_is_given_to_nobody(connect):
    first, second, third = connect(), connect(), connect()
    name = "built-again"
    first.send({"type": "open", "session": name, "after": 3})
    first.wait("opened", session=name)
    first.send({"type": "execute", "session": name, "execution": "replay-0", "code": "a = 1", "replay": True})
    assert first.wait("done", execution="replay-0")["status"] == "ok"
    long = {"type": "execute", "session": name, "execution": "replay-1", "code": "import time; time.sleep(5r)"}
    first.send({**long, "replay": True})
    second.send({"type": "attach", "session": name, "after": 3})
    assert second.wait("closed", session=name)["reason"] == "lost"
    assert first.wait("closed", session=name)["reason"] == "taken-over"
    first.nothing_more()
    # Its name is free, and once something new ran in it it is a session as any other.
    second.send({"type": "open", "session": name, "after": 3})
    second.wait("opened", session=name)
    second.send({"type": "execute", "session": name, "execution": "replay-0", "code": "a = 1", "replay": True})
    second.wait("done", execution="replay-0")
    assert second.run("a", name).value == "1"
    assert replay(third, name, 3)["missed"] == 0
    third.send({"type": "close", "session": name})
