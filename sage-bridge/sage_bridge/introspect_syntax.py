# SPDX-License-Identifier: GPL-2.0-or-later
"""What the text before the cursor is about. Only text is looked at here; nothing is looked up and nothing run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

_TEXT = re.compile(
    r"""#[^\n]*|(?P<long>\"{3}|'{3})(?:[^\\]|\\.)*?(?:(?P=long)|\Z)|(?P<quote>["'])(?:[^\\\n]|\\.)*?(?:(?P=quote)|(?=\n)|\Z)""",
    re.DOTALL,
)
_NAME = re.compile(r"(?:[^\W\d]\w*)?\Z")
_WORD = re.compile(r"\w+\Z")
_IMPORT = re.compile(r"(?:\A|[\n;])[ \t]*(?:import[ \t]+(?:[\w.]+[ \t]*,[ \t]*)*|from[ \t]+)([\w.]*)\Z")
_FROM = re.compile(r"(?:\A|[\n;])[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?(?:[\w \t]+,\s*)*(\w*)\Z")
_WILD = re.compile(r"(?:\A|[\s;(=,])((?:[^\W\d]\w*\.)*)([\w*]*\*[\w*]*)\s*\?+\s*\Z")
_CLOSING = {")": "(", "]": "[", "}": "{"}
#: Longest text looked at: what is further away says nothing about the cursor.
_MAX_BEFORE = 50_000
#: Longest expression before a dot.
_MAX_OWNER = 1_000


@dataclass(frozen=True)
class Target:
    """The end of the text.

    Attributes:
        prefix: what has been written of a name; it may be empty.
        owner: the expression before the dot before it, parsed; None without a dot.
        module: in an import, the module below which another is meant; "" for none.
        members: not only modules below it are meant, but all it holds.
    """

    prefix: str
    owner: ast.expr | None = None
    module: str | None = None
    members: bool = False


def _covered(text: str) -> str | None:
    """``text`` with comments and strings replaced by as many ``"``; None when it ends inside one."""
    pieces = []
    place = 0
    for found in _TEXT.finditer(text):
        piece = found[0]
        quote = found["long"] or found["quote"]
        if found.end() == len(text):
            is_closed = quote is not None and len(piece) >= 2 * len(quote) and piece.endswith(quote)
            if not is_closed:
                return None
        pieces.append(text[place : found.start()])
        pieces.append((" " if quote is None else '"') * len(piece))
        place = found.end()
    pieces.append(text[place:])
    return "".join(pieces)


def _opening(covered: str, end: int) -> int:
    """Where the bracket that closes just before ``end`` opens; -1 if nowhere."""
    wanted: list[str] = []
    for index in range(end - 1, max(-1, end - _MAX_OWNER), -1):
        letter = covered[index]
        if letter in _CLOSING:
            wanted.append(_CLOSING[letter])
        elif letter in "([{":
            if not wanted or wanted.pop() != letter:
                return -1
            if not wanted:
                return index
    return -1


def _owner_start(covered: str, end: int) -> int:
    """Where the expression that ends at ``end`` begins, names, subscripts, literals and dots; -1 for any other."""
    start = end
    while True:
        start = len(covered[:start].rstrip(" \t"))
        if not start:
            return -1
        letter = covered[start - 1]
        if letter in _CLOSING:
            start = _opening(covered, start)
            if start < 0:
                return -1
            before = covered[:start]
            if before and (before[-1].isalnum() or before[-1] in '_)]}"'):
                # A subscript of, or a call of, what stands before it.
                continue
        elif letter == '"':
            start = len(covered[:start].rstrip('"'))
        else:
            found = _WORD.search(covered, 0, start)
            if found is None:
                return -1
            start = found.start()
        before = covered[:start].rstrip(" \t")
        if not before.endswith("."):
            return start
        start = len(before) - 1


def _parsed(source: str) -> ast.expr | None:
    try:
        return ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def wildcard(before: str) -> tuple[list[str], str] | None:
    """The names before and the pattern in ``sage.plot.*line*?``; None for anything else."""
    before = before[-_MAX_BEFORE:]
    found = _WILD.search(before)
    if found is None or _covered(before) is None:
        return None
    return [name for name in found[1].split(".") if name], found[2]


def target(before: str) -> Target | None:
    """What is to be completed at the end of ``before``; None where no name can stand."""
    before = before[-_MAX_BEFORE:]
    covered = _covered(before)
    if covered is None:
        return None
    found = _FROM.search(covered)
    if found is not None:
        return Target(found[2], module=found[1], members=True)
    found = _IMPORT.search(covered)
    if found is not None:
        module, _, prefix = found[1].rpartition(".")
        return Target(prefix, module=module)
    name = _NAME.search(covered)
    prefix = name[0] if name is not None else ""
    start = len(covered) - len(prefix)
    if prefix and covered[:start][-1:].isdigit():
        return None
    rest = covered[:start].rstrip(" \t")
    if not rest.endswith("."):
        return Target(prefix) if prefix else None
    end = len(rest) - 1
    begin = _owner_start(covered, end)
    if begin < 0 or end - begin > _MAX_OWNER:
        return None
    owner = _parsed(before[begin:end])
    if owner is None or (isinstance(owner, ast.Constant) and not prefix and not isinstance(owner.value, str)):
        # A number and a dot is a number.
        return None
    return Target(prefix, owner)


def asked(before: str, detail: str) -> tuple[str, ast.expr, str] | None:
    """What documentation is wanted of: its text, parsed, and ``docstring`` or ``source``.

    It is the name at the end, behind which may stand ``?``, ``??`` or ``(``, or the name whose call is open there.
    """
    before = before[-_MAX_BEFORE:]
    covered = _covered(before)
    if covered is None:
        return None
    text = covered.rstrip()
    marks = len(text) - len(text.rstrip("?"))
    if marks:
        detail = "source" if marks > 1 else detail
        text = text.rstrip("?").rstrip()
    elif text and not (text[-1].isalnum() or text[-1] in "_("):
        text = text[: _open_call(text) + 1]
    text = text[:-1].rstrip() if text.endswith("(") else text
    start = _owner_start(text, len(text)) if text else -1
    if start < 0:
        return None
    if re.search(r"\?\?[ \t]*\Z", covered[:start]):
        detail = "source"
    source = before[start : len(text)].strip()
    # A number and a dot would be a number.
    parsed = _parsed(re.sub(r"\A(\d+)(?=\s*\.)", r"(\1)", source))
    if not isinstance(parsed, (ast.Name, ast.Attribute, ast.Subscript)):
        return None
    return source, parsed, detail


def _open_call(text: str) -> int:
    """Where the innermost bracket opens that is still open at the end, if it is a call's; else -1."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        if text[index] in ")]}":
            depth += 1
        elif text[index] in "([{":
            if not depth:
                return index if text[index] == "(" else -1
            depth -= 1
    return -1
