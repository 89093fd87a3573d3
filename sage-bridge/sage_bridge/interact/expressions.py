# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that the reader types into a control."""

from __future__ import annotations

from types import CodeType
from typing import Any

from ..preparse import preparse

#: The name that such code is compiled under; tracebacks show it.
NAME = "<control>"


class Expressions:
    """Evaluates texts in the globals of one function.

    Attributes:
        codes: what was evaluated since ``begin``.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.codes: list[CodeType] = []
        self._namespace = namespace

    def begin(self) -> None:
        """A run is about to start."""
        self.codes = []

    def __call__(self, text: str) -> Any:
        """The value of an expression of Sage's.

        Raises:
            SyntaxError: it is none.
            Exception: whatever it raises.
        """
        source = preparse(text.strip())
        if "\0" in source:
            raise SyntaxError("the text contains a NUL character")
        code = compile(source, NAME, "eval", dont_inherit=True)
        self.codes.append(code)
        return eval(code, self._namespace)  # noqa: S307
