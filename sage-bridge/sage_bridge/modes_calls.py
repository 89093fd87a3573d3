# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that a use of a mode makes, in the reader's place."""

from __future__ import annotations

from typing import Any, Callable

from .modes_syntax import Use
from .preparse import preparse


class Calls:
    """What they raise has the reader's line in its traceback.

    Attributes:
        name: what the code of the present cell is compiled under.
    """

    def __init__(self, interpreter: Any) -> None:
        """``interpreter``: has the reader's variables."""
        self.name = ""
        self._interpreter = interpreter

    def arguments(self, use: Use, language: str) -> tuple[tuple, dict[str, Any]]:
        """The arguments of a use: any expressions of the reader's."""
        if not (use.arguments or "").strip():
            return (), {}
        source = f"__arguments__({use.arguments})"
        if language == "sage":
            source = preparse(source)
        return self._run(use.line, source, {"__arguments__": lambda *places, **options: (places, options)})

    def by_reader(self, line: int, function: Callable[..., Any], *places: Any, **options: Any) -> Any:
        """Calls a function as a statement of the reader's would: ``var`` and the like look who calls them."""
        names = {"__function__": function, "__places__": places, "__options__": options}
        return self._run(line, "__function__(*__places__, **__options__)", names)

    def here(self, line: int, action: Callable[[], Any]) -> Any:
        """Calls a function of ours."""
        return self._run(line, "__action__()", {"__action__": action})

    def at(self, line: int, error: Exception) -> Exception:
        """The same error, raised there."""

        def throw() -> None:
            raise error

        try:
            self.here(line, throw)
        except Exception as raised:
            return raised
        return error

    def _run(self, line: int, source: str, names: dict[str, Any]) -> Any:
        code = compile("\n" * (line - 1) + source, self.name, "eval", dont_inherit=True)
        return eval(code, self._interpreter.namespace, names)  # noqa: S307
