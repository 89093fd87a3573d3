"""The link: framing, who may speak, bad input."""

from __future__ import annotations

import json
import struct

import pytest
from bridge_client import TOKEN, Client, Session, wait_until, workers_in_use


def framed(message):
    body = b"j" + json.dumps(message).encode()
    return struct.pack(">I", len(body)) + body


@pytest.fixture
def stranger(shared_bridge):
    """A connection that has said nothing yet."""
    client = Client(shared_bridge)
    yield client
    client.close()


def ended(client):
    with pytest.raises((EOFError, ConnectionError)):
        while True:
            client.receive()


def test_a_good_token_is_answered_by_ready(client):
    assert client.ready["version"] == 1
    assert {"sage", "python"} <= set(client.ready["languages"])
    assert client.ready["maxSessions"] == 64
    assert len(client.ready["fingerprint"]) == 32
    assert client.ready["sage"][0].isdigit()


@pytest.mark.parametrize(
    "first",
    [
        {"type": "auth", "version": 1, "token": "wrong" * 5},
        {"type": "auth", "version": 1, "token": ""},
        {"type": "auth", "version": 1, "token": "ä" * 20},
        {"type": "ping"},
        {"type": "execute", "execution": "e", "session": "s", "code": "1", "stateless": True},
        {"type": "nonsense"},
        {"type": "auth", "version": 1},
    ],
)
def test_anything_but_a_good_token_ends_the_link(stranger, first):
    stranger.send(first)
    assert stranger.receive()["code"] == "unauthorized"
    ended(stranger)


def test_another_version_is_refused(stranger):
    stranger.send({"type": "auth", "version": 2, "token": TOKEN})
    assert stranger.receive()["code"] == "unsupported-version"
    ended(stranger)


def test_a_message_cut_at_every_byte_is_read(stranger):
    data = framed({"type": "auth", "version": 1, "token": TOKEN, "relay": "é漢😀"})
    for index in range(len(data)):
        stranger.send_bytes(data[index : index + 1])
    assert stranger.receive()["type"] == "ready"


def test_many_messages_in_one_piece_are_answered_in_order(client):
    client.send_bytes(b"".join(framed({"type": "ping", "nonce": number}) for number in range(200)))
    assert [client.receive()["nonce"] for _ in range(200)] == list(range(200))


def test_what_was_said_right_before_the_link_broke_is_done(shared_bridge, client):
    gone = Client(shared_bridge).auth()
    sessions = [Session(gone).open() for _ in range(4)]
    in_use = workers_in_use(client)
    gone.send_bytes(b"".join(framed({"type": "close", "session": session.name}) for session in sessions))
    gone.close()
    wait_until(lambda: workers_in_use(client) <= in_use - 4)


def test_two_runs_sent_at_once_both_end(client):
    first, second = client.start("print(1)"), client.start("print(2)")
    assert client.finish(second[0]).stdout == "2\n"
    assert client.finish(first[0]).stdout == "1\n"


@pytest.mark.parametrize("length", [0, 16_777_217, 2**31, 2**32 - 1])
def test_a_length_that_is_not_allowed_ends_the_link(client, length):
    client.send_bytes(struct.pack(">I", length) + b"j{}")
    ended(client)


@pytest.mark.parametrize("kind", [b"b", b"x", b"\0"])
def test_a_frame_of_another_kind_ends_the_link(client, kind):
    client.send_frame(kind + b"{}")
    ended(client)


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (b"", "bad-message", None),
        (b"{", "bad-message", None),
        (b"[]", "bad-message", None),
        (b"null", "bad-message", None),
        (b"\xff\xfe", "bad-message", None),
        (b"[" * 100_000, "bad-message", None),
        (b'{"type": NaN}', "bad-message", None),
        (b'{"type":"nonsense"}', "unknown-type", "type"),
        (b"{}", "unknown-type", "type"),
        (b'{"type":"ready"}', "unknown-type", "type"),
        (b'{"type":"ping","nonce":-1}', "bad-message", "nonce"),
        (b'{"type":"ping","more":1}', "bad-message", "more"),
        (b'{"type":"open"}', "bad-message", "session"),
        (b'{"type":"open","session":"a b"}', "bad-message", "session"),
        (b'{"type":"open","session":"a\\n"}', "bad-message", "session"),
        (
            b'{"type":"execute","execution":"e","session":"s","code":"1","limits":{"cpuMs":"5"}}',
            "bad-message",
            "limits.cpuMs",
        ),
        (b'{"type":"execute","execution":"e","session":"s","code":"' + b"x" * 1_000_000 + b'"}', "bad-message", "code"),
    ],
)
def test_a_bad_message_is_a_coded_error_and_the_link_lives(client, text, code, field):
    client.send_frame(b"j" + text)
    error = client.receive()
    assert (error["type"], error["code"], error.get("field")) == ("error", code, field)
    client.send({"type": "ping", "nonce": 5})
    answer = client.receive()
    assert (answer["type"], answer["nonce"]) == ("pong", 5)


def test_an_error_names_what_it_is_about(client):
    client.send({"type": "execute", "execution": "my-run", "session": "s", "code": 5})
    assert client.receive()["about"] == "my-run"


def test_a_second_auth_is_an_error(client):
    client.send({"type": "auth", "version": 1, "token": TOKEN})
    assert client.receive()["code"] == "bad-message"
