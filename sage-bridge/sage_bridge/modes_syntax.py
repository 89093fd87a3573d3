# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a reader's code uses a mode: ``%name`` or ``!command`` at the start of a statement, in the first column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

#: What any use looks like; text without a match holds none and need not be looked at more closely.
CANDIDATE = re.compile(r"^(?:%%?[^\W\d]|!)", re.MULTILINE)

#: Two signs are one: cells written for Jupyter have them.
_USE = re.compile(r"%%?([^\W\d]\w*(?:\.[^\W\d]\w*)*)")
_TOKEN = re.compile(r"\\.|\"\"\"|'''|[\"'#()\[\]{}]", re.DOTALL)
_OPENING, _CLOSING = "([{", ")]}"


class Code(str):
    """Text of the reader's that knows on which line of the cell it begins.

    Attributes:
        line: number of its first line, from 1.
    """

    line: int

    def __new__(cls, text: str, line: int = 1) -> Code:
        """``line``: number of the first line."""
        self = super().__new__(cls, text)
        self.line = line
        return self

    def padded(self) -> str:
        """The same text after as many empty lines as the cell has before it."""
        return "\n" * (self.line - 1) + self


@dataclass(frozen=True)
class Use:
    """One line that uses a mode.

    Attributes:
        line: its number, from 1.
        name: of the mode, perhaps dotted.
        arguments: what stands in parentheses directly after the name, or None.
        text: the rest of the line, without the space around it.
        lines: of the code that the use stands in.
        below: how many of them come up to and with this one.
    """

    line: int
    name: str
    arguments: str | None
    text: str
    lines: Sequence[str]
    below: int

    @property
    def rest(self) -> Code:
        """All the lines below."""
        return Code("\n".join(self.lines[self.below :]), self.line + 1)


class _Scanner:
    """Follows strings, comments, brackets and continued lines, to know where a statement can begin."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._is_continued = False

    @property
    def at_statement(self) -> bool:
        """Whether the next line begins outside everything."""
        return not (self._quote or self._depth or self._is_continued)

    def feed(self, line: str) -> None:
        """Goes over one line."""
        self._is_continued = False
        for found in _TOKEN.finditer(line):
            token = found[0]
            if token[0] == "\\":
                continue
            if self._quote:
                if token.startswith(self._quote):
                    self._quote = ""
            elif token.startswith("#"):
                return
            elif token in _OPENING:
                self._depth += 1
            elif token in _CLOSING:
                self._depth = max(self._depth - 1, 0)
            else:
                self._quote = token
        if line.endswith("\\"):
            self._is_continued = True
        elif len(self._quote) == 1:
            # Not closed on its line: the compiler will say so.
            self._quote = ""


def _parenthesised(text: str) -> int:
    """Length of the balanced parentheses that ``text`` begins with; 0 when they are never closed."""
    depth, quote = 0, ""
    for found in _TOKEN.finditer(text):
        token = found[0]
        if quote:
            if token == quote:
                quote = ""
        elif token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
            if not depth:
                return found.end()
        elif token[0] in "\"'":
            quote = token
    return 0


def _use(lines: list[str], index: int, number: int) -> Use | None:
    line = lines[index]
    if line.startswith("!"):
        return Use(number, "sh", None, line[1:].strip(), lines, index + 1)
    found = _USE.match(line)
    if found is None:
        return None
    after = line[found.end() :]
    arguments = None
    if after.startswith("("):
        length = _parenthesised(after)
        if not length:
            raise SyntaxError("parentheses are not closed", ("<cell>", number, None, line))
        arguments, after = after[1 : length - 1], after[length:]
    elif after and not after[0].isspace():
        return None
    return Use(number, found[1], arguments, after.strip(), lines, index + 1)


def split(code: Code) -> list[Code | Use]:
    """The code cut at the lines that use a mode; a use with no text of its own is the last piece.

    Raises:
        SyntaxError: the arguments of a mode are not closed on their line.
    """
    lines = code.split("\n")
    pieces: list[Code | Use] = []
    scanner = _Scanner()
    start = 0

    def plain(end: int) -> None:
        text = "\n".join(lines[start:end])
        if text.strip():
            pieces.append(Code(text, code.line + start))

    for index, line in enumerate(lines):
        if scanner.at_statement and line[:1] in ("%", "!"):
            number = code.line + index
            use = _use(lines, index, number)
            if use is not None:
                plain(index)
                pieces.append(use)
                start = index + 1
                if not use.text:
                    return pieces
                continue
        scanner.feed(line)
    plain(len(lines))
    return pieces
