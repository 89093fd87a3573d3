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
        ("html.tex (Ell", "Ell", "EllipticCurve", "function"),
        ("ZZ.ran", "ran", "random_element", "method"),
        ("a = [1, ZZ.", "", "characteristic", "method"),
        ("sage.rings.", "", "integer", "module"),
        ("sage.schemes.ell", "ell", "elliptic_curves", "module"),
        ("sage.plot.plot.pl", "pl", "plot", "function"),
        ("EllipticCurve.", "", "create_object", "method"),
        ("whi", "whi", "while", "keyword"),
        ("prin", "prin", "print", "function"),
        ("math", "math", "math", None),
        ("for i in ran", "ran", "range", "class"),
        ("x = 1\ngraphs.Pet", "Pet", "PetersenGraph", "method"),
        ("ZZ . ran", "ran", "random_element", "method"),
        ("'text'\nfac", "fac", "factorial", None),
        ("'''long\ntext''' + fac", "fac", "factorial", None),
        ("# it's\nfac", "fac", "factorial", None),
        ("2016.fa", "fa", "factor", "method"),
        ("x = 2016.fa", "fa", "factorial", "method"),
        ("''.isa", "isa", "isalpha", "method"),
        ("'a.b'.spl", "spl", "split", "method"),
        ("[].ap", "ap", "append", "method"),
        ("[f(x), (1, 2)].ap", "ap", "append", "method"),
        ("(1, 2).co", "co", "count", "method"),
        ("{'a': 1}.ke", "ke", "keys", "method"),
        ("R.<x> = QQ[]; fac", "fac", "factor", "function"),
        ("f(x) = x^2 + fac", "fac", "factor", "function"),
        ("not fac", "fac", "factor", "function"),
        ("-fac", "fac", "factor", "function"),
        ("{'a': fac", "fac", "factor", "function"),
        ("@cached_f", "cached_f", "cached_function", None),
        ("%time fac", "fac", "factor", "function"),
        ("import nu", "nu", "numpy", "module"),
        ("import sage.rings.int", "int", "integer", "module"),
        ("from sage.ri", "ri", "rings", "module"),
        ("from sage.rings.integer import Int", "Int", "Integer", "class"),
        ("from math import sin, co", "co", "cos", "function"),
    ],
)
def test_completes_before_any_run(client, before, target, name, kind):
    found, items = complete(client, before)
    assert found == target
    assert name in items
    if kind is not None:
        assert items[name] == kind


@pytest.mark.parametrize(
    "before",
    [
        "", " ", "'abc", "# comm", "2.", "f(3).", "x = 'a.b", "nobody.knows.", "(1+2).", "\"a", "3.5", "3.5.", "x = f(3).fa",
        "'''long\nfac", "'it\\'s fac", "print('x').up", "f().g.h", ")fac.", "ZZ[", "a[f(1)].b", "1..", "𝔸.", "x" * 60_000 + ".",
    ],
)  # fmt: skip
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


def test_containers_are_looked_into_by_plain_subscripts_only(client, session):
    session.run(
        "a = ['text', {'k': ZZ}]; i = 0; hits = []\nclass C:\n    def __getitem__(self, i): hits.append(i)\nc = C()"
    )
    assert "isalpha" in complete(client, "a[0].isa", session.name)[1]
    assert "random_element" in complete(client, "a[-1]['k'].ran", session.name)[1]
    for before in ("a[i].", "a[9].", "a[i+1].", "c[0].", "a['k'].", "a[0:1]."):
        assert complete(client, before, session.name)[1] == {}
    assert session.run("hits").value == "[]"


def test_a_pattern_lists_what_fits_it(client, session):
    names = complete(client, "*plot*?")[1]
    assert {"plot", "list_plot", "contour_plot"} <= set(names)
    assert not any(name.startswith("_") for name in names)
    assert complete(client, "x = 1\nsage.plot.plot.*LOG*?")[0] == "sage.plot.plot.*LOG*?"
    answer = inspect(client, "graphs.*eter*?")
    assert (answer["found"], answer["target"]) == (True, "graphs.*eter*")
    assert "graphs.PetersenGraph" in answer["docstring"].split("\n")
    assert inspect(client, "*nobody*knows*?")["found"] is False
    session.run("my_own_plot = 1")
    assert "my_own_plot" in complete(client, "my*plot?", session.name)[1]
    # A product is no pattern.
    assert complete(client, "x*fac")[0] == "fac"
    assert "factor" in complete(client, "x*fac")[1]


@pytest.mark.parametrize(
    ("before", "target", "part"),
    [
        ("factor?", "factor", "docstring"),
        ("factor??", "factor", "source"),
        ("?factor", "factor", "docstring"),
        ("??factor", "factor", "source"),
        ("x = factor(", "factor", "docstring"),
        ("factor ( ", "factor", "docstring"),
        ("factor(12, ", "factor", "docstring"),
        ("plot(sin(x), (x, 0, ", None, None),
        ("plot(sin(x), ", "plot", "docstring"),
        ("ZZ.random_element(", "ZZ.random_element", "docstring"),
        ("2016.factor?", "2016.factor", "docstring"),
        ("'a'.join(", "'a'.join", "docstring"),
        ("sin?", "sin", "docstring"),
        ("EllipticCurve?", "EllipticCurve", "docstring"),
    ],
)
def test_conventions_for_documentation(client, before, target, part):
    answer = inspect(client, before)
    assert answer["found"] is (target is not None)
    if target is not None:
        assert answer["target"] == target
        assert answer[part]
        assert ("source" in answer) == (part == "source")


@pytest.mark.parametrize("before", ["", "'factor(", "# factor?", "f(3)(", "3?", "[1, 2", "?"])
def test_documentation_of_nothing_is_not_found(client, before):
    assert inspect(client, before)["found"] is False


def test_a_docstring_of_compiled_code_begins_with_its_first_sentence(client):
    assert not inspect(client, "ZZ.random_element?")["docstring"].startswith(("File:", "IntegerRing"))


READERS_HOOKS = """
hits = []
class Spy:
    @property
    def prop(self): hits.append('prop'); return 'x'
    def __getattr__(self, name): hits.append(name); return 'x'
    def __dir__(self): hits.append('dir'); return ['made_up']
    def __repr__(self): hits.append('repr'); return 'x'
    def real(self): "Does it."
class Grasp:
    def __getattribute__(self, name): hits.append(name); return 'x'
class Hand:
    def __get__(self, owner, kind): hits.append('get'); return 'x'
class Held:
    hand = Hand()
spy, grasp, held = Spy(), Grasp(), Held()
hits.clear()
"""


def test_nothing_of_the_readers_is_called(client, session):
    session.run(READERS_HOOKS)
    assert {"prop", "real"} <= set(complete(client, "spy.", session.name)[1])
    for before in ("spy.prop.", "spy.nothing.", "grasp.any.", "held.hand."):
        assert complete(client, before, session.name)[1] == {}
        assert inspect(client, before[:-1] + "?", session=session.name)["found"] is False
    assert inspect(client, "spy.real(", session=session.name)["docstring"] == "Does it."
    inspect(client, "spy?", session=session.name)
    assert session.run("hits").value == "[]"


def test_no_alarm_or_handler_of_the_readers_is_touched(client, session):
    session.run(
        "import signal; signal.signal(signal.SIGALRM, lambda *_: print('rung')); signal.setitimer(signal.ITIMER_REAL, float(0.4))"
    )
    assert "factor" in complete(client, "fac", session.name)[1]
    assert session.run("import time; time.sleep(float(0.8))").stdout == "rung\n"


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
