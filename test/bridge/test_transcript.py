"""What was typed at a prompt can be pasted with it, answers and all."""

from __future__ import annotations

import pytest
from sage_bridge.transcript import code_of, is_one


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sage: 2+2", "2+2"),
        ("sage: 2+2\n4", "2+2\n"),
        ("\n    sage: a = 3\n    sage: a^2\n    9", "\na = 3\na^2\n"),
        ("sage:2+2", "2+2"),
        ("sage: ", ""),
        (">>> 2+2\n4\n>>> 3", "2+2\n\n3"),
        ("In [1]: 2+2\nOut[1]: 4\n\nIn [12]: 3", "2+2\n\n\n3"),
        ("sage: def f(x):\n....:     return x^2\n....: \nsage: f(3)\n9", "def f(x):\n    return x^2\n\nf(3)\n"),
        (">>> for i in range(2):\n...     print(i)\n...\n0\n1", "for i in range(2):\n    print(i)\n\n\n"),
        ("In [1]: if True:\n   ...:     print(1)\n   ...: \n1", "if True:\n    print(1)\n\n"),
        # Only the first line of a statement has the prompt.
        ("sage: def f(x):\n    y = x\n    return y\nsage: f(3)\n3", "def f(x):\n    y = x\n    return y\nf(3)\n"),
        ("sage: M = matrix([[1, 2],\n          [3, 4]])\nsage: M", "M = matrix([[1, 2],\n          [3, 4]])\nM"),
        # An answer may have dots, and look like code.
        ("sage: 1/0\nTraceback (most recent call last):\n...\nZeroDivisionError: x\nsage: 1", "1/0\n\n\n\n1"),
        ("sage: # what follows:\nx\nsage: 2", "# what follows:\n\n2"),
        ("sage: print('a:')\na:\nsage: 2", "print('a:')\n\n2"),
        ("sage: 'x'  # random\n'y'", "'x'  # random\n"),
        ("sage: %time 2+2", "%time 2+2"),
    ],
)
def test_the_code_of_a_transcript_stands_on_the_lines_it_had(text, code):
    assert is_one(text)
    assert code_of(text) == code


@pytest.mark.parametrize(
    "code",
    [
        "2+2",
        "",
        "sage.version",
        "x = 1\nsage: 2+2",
        "print('>>> 1')",
        "In = [1]; In [0]",
        "'sage: 2'",
        "# sage: 2",
        "In[2] = 3",
    ],
)
def test_other_code_is_none(code):
    assert not is_one(code)


def test_a_transcript_is_run_and_its_last_value_shown(client):
    run = client.run("sage: a = 2^3\nsage: print(a)\n8\nsage: a + 1\n9\n")
    assert (run.stdout, run.value) == ("8\n", "9")
    assert client.run(">>> 2^3\n1", language="python").value == "1"


def test_an_error_in_a_transcript_is_told_on_the_line_it_has_there(client):
    error = client.run("sage: 2\n2\nsage: 1/0\n").error
    assert (error["name"], error["line"]) == ("ZeroDivisionError", 3)
    assert "1/0" in error["traceback"]
    error = client.run("sage: 2\n2\nsage: for\n").error
    assert (error["name"], error["line"]) == ("SyntaxError", 3)


def test_what_is_written_in_another_language_is_left_as_it_is(client):
    run = client.run("sage: echo no", language="sh")
    assert "sage:" in run.stderr
