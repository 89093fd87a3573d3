"""The short way through Sage's preparser: what it says is what Sage's own says."""

from __future__ import annotations

import random

import pytest
from sage.repl import preparse as sage
from sage_bridge import preparse

#: What snippets are made of: everything a pass of the preparser may look for, in any order.
_WORDS = (
    "f x é _ ( ) [ ] { } = == ^ ^^ ** + - * / , . .. ... : := ; ? ! @ $ ` % ' \" ''' < <= 1 2. 3 007 1_000 ٣ 0x1F 1e5",
    "1.e5 12j 3r 2L R.0 .sqrt() 5.foo .<x> R.<x>=QQ[] f(x)= range( print( load 'a' f'{x^2}' \\\n #c\n",
)
PIECES = [*" ".join(_WORDS).split(" "), "lambda x:", "for i in", "if x:", " ", "\n", "\n\n", "\t", "\r"]


def said(preparse, code):
    try:
        return preparse(code)
    except (SyntaxError, ValueError) as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    "code",
    [
        "print(2+2)",
        "2^3^^4",
        "integrate(sin(x)^2, x)",
        "a = 3\nb = a^2\nb",
        "[k^2 for k in (1, 2, 1/3)]",
        "def f(n):\n    return n^2 if n > 0 else 1e10\nf(12)",
        "{1: 2}[1].sqrt()",
        "x1 = 007\nx1 == 7",
        "",
        "   \n",
    ],
)
def test_plain_code_takes_the_short_way_and_becomes_what_sage_makes_of_it(monkeypatch, code):
    expected = sage.preparse(code)
    monkeypatch.setattr(sage, "preparse", None)
    assert preparse.preparse(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "f(x) = x^2",
        "R.<x> = QQ[]",
        "R.0",
        "[1..5]",
        "'2^3'",
        "x # 2^3",
        "a = 1; b = 2^3",
        "2 +\\\n3",
        "7 % 4",
        "1.5",
        "f(1)\n2 = x",
    ],
)
def test_other_code_is_left_to_sage(code):
    assert said(preparse.preparse, code) == said(sage.preparse, code)


def test_any_code_becomes_what_sage_makes_of_it():
    dice = random.Random(2012)
    short = 0
    for _ in range(5_000):
        code = "".join(dice.choices(PIECES, k=dice.randint(1, 9)))
        assert said(preparse.preparse, code) == said(sage.preparse, code), code
        short += preparse._SPECIAL.search(code) is None
    assert short > 500


def test_implicit_multiplication_is_seen(monkeypatch):
    monkeypatch.setattr(sage, "implicit_mul_level", 5)
    assert preparse.preparse("2x") == sage.preparse("2x") == "Integer(2)*x"
