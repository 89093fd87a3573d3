"""Completions, documentation and source, in and outside sessions."""

from __future__ import annotations

import time

import pytest
from bridge_client import fresh


def complete(client, before, session=None):
    request = fresh("q")
    message = {"type": "complete", "request": request, "before": before}
    client.send({**message, "session": session} if session else message)
    answer = client.wait("completions", request=request)
    return answer["target"], {item["text"]: item["kind"] for item in answer["items"]}


def inspect(client, before, detail="docstring", session=None):
    request = fresh("q")
    message = {"type": "inspect", "request": request, "before": before, "detail": detail}
    client.send({**message, "session": session} if session else message)
    return client.wait("inspection", request=request)


@pytest.mark.parametrize(
    ("before", "target", "name", "kind"),
    [
        ("Ell", "Ell", "EllipticCurve", "function"),
        ("x = fact", "fact", "factor", "function"),
        ("f(Ell", "Ell", "EllipticCurve", "function"),
        ("ZZ.ran", "ran", "random_element", "method"),
        ("a = [1, ZZ.", "", "characteristic", "method"),
        ("sage.rings.", "", "integer", None),
        ("EllipticCurve.", "", "create_object", None),
        ("whi", "whi", "while", "keyword"),
        ("prin", "prin", "print", "function"),
        ("math", "math", "math", None),
        ("for i in ran", "ran", "range", "class"),
        ("x = 1\ngraphs.Pet", "Pet", "PetersenGraph", None),
        ("ZZ . ran", "ran", "random_element", "method"),
        ("numpy", "numpy", None, None),
        ("'text'\nfac", "fac", "factorial", None),
    ],
)
def test_completes_before_any_run(client, before, target, name, kind):
    found, items = complete(client, before)
    assert found == target
    if name is not None:
        assert name in items
        if kind is not None:
            assert items[name] == kind


@pytest.mark.parametrize(
    "before", ["", "'abc", "# comm", "2.", "f(3).", "x = 'a.b", "nobody.knows.", "(1+2).", '"a', "3.5"]
)
def test_offers_nothing_where_nothing_is_known(client, before):
    assert complete(client, before)[1] == {}


def test_names_are_sorted_and_hidden_ones_come_only_when_asked_for(client):
    request = fresh("q")
    client.send({"type": "complete", "request": request, "before": "ZZ."})
    names = [item["text"] for item in client.wait("completions", request=request)["items"]]
    assert names == sorted(names, key=lambda name: (name.lower(), name))
    assert not any(name.startswith("_") for name in names)
    assert "__class__" in complete(client, "ZZ.__cl")[1]


def test_a_sessions_own_names_are_known_there_and_nowhere_else(client, session):
    session.run("class Thing:\n    colour = 1\n    def paint(self): pass\nmything = Thing()")
    assert complete(client, "mythi", session.name)[1] == {"mything": "variable"}
    assert complete(client, "mything.", session.name)[1] == {"colour": "attribute", "paint": "method"}
    assert complete(client, "mythi")[1] == {}


def test_documentation_signature_and_source(client, session):
    answer = inspect(client, "factor(")
    assert answer["found"] is True
    assert answer["target"] == "factor"
    assert answer["signature"].startswith("factor(")
    assert "factorization" in answer["docstring"]
    answer = inspect(client, "x = prime_pi??", "source")
    assert answer["found"] is True
    session.run("def f(a, b=3):\n    '''Says hello.'''\n    return a^2 + b")
    assert inspect(client, "f?", session=session.name)["docstring"].strip() == "Says hello."
    answer = inspect(client, "f", "source", session.name)
    assert answer["signature"] == "f(a, b=3)"
    assert "return a^2 + b" in answer["source"]


def test_what_is_not_known_is_not_found(client):
    answer = inspect(client, "nobody_knows_this(")
    assert (answer["found"], answer["target"]) == (False, "nobody_knows_this")
    assert inspect(client, "1 +")["found"] is False


def test_a_busy_session_says_so_at_once(client, session):
    execution = session.start("print('begun')\nwhile True: pass")
    session.wait_output(execution, "begun")
    client.send({"type": "complete", "request": "r1", "session": session.name, "before": "fac"})
    error = client.wait("error")
    assert (error["code"], error["about"]) == ("busy", "r1")
    session.send("interrupt", execution=execution)
    client.finish(execution)
    assert "factor" in complete(client, "fac", session.name)[1]


def test_names_that_take_for_ever_to_look_up_are_given_up(client, session):
    session.run("class Slow:\n    @property\n    def tar(self):\n        while True: x = 1\nslow = Slow()")
    started = time.monotonic()
    assert complete(client, "slow.tar.", session.name)[1] == {}
    assert time.monotonic() - started < 2
    assert session.run("1").value == "1"


def test_names_that_raise_or_exit_when_looked_up_do_no_harm(client, session):
    session.run("class Bad:\n    @property\n    def exits(self): raise SystemExit\nbad = Bad()")
    assert complete(client, "bad.exits.", session.name)[1] == {}
    assert session.run("1").value == "1"


def test_an_unknown_session_is_an_error(client):
    client.send({"type": "complete", "request": "r2", "session": "nowhere", "before": "fac"})
    error = client.wait("error")
    assert (error["code"], error["about"]) == ("unknown-session", "r2")
