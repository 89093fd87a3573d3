# SPDX-License-Identifier: GPL-2.0-or-later
"""Marks that a run leaves in its output when it depended on where things happened to be."""

from __future__ import annotations

import re

#: As Python, and compiled code, name an object that has no other name.
_ADDRESS = re.compile(r"\b(?:at|@) 0x[0-9a-fA-F]{6,16}\b|[<(]0x[0-9a-fA-F]{8,16}[>)]")
#: More than the longest mark has.
_OVERLAP = 128


class Marks:
    """Looks through the texts of one execution, in the supervisor, where all of them pass.

    Attributes:
        directory: the worker's own, once it is known.
        found: an address, or the path of the worker's own directory, was put out.
    """

    __slots__ = ("_ends", "directory", "found")

    def __init__(self) -> None:
        self.directory = "\0"
        self._ends: dict[str, str] = {}
        self.found = False

    def text(self, name: str, text: str) -> None:
        """The next piece of a stream; a mark may lie across two pieces."""
        if self.found:
            return
        whole = self._ends.get(name, "") + text
        self.whole(whole)
        self._ends[name] = whole[-_OVERLAP:]

    def whole(self, text: str) -> None:
        """A text that nothing follows."""
        if ("0x" in text and _ADDRESS.search(text)) or self.directory in text:
            self.found = True
