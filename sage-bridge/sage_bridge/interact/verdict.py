# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether running an interact leaves its session as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .analysis import Analysis
from .immutable import Unsure

if TYPE_CHECKING:
    from .living import Living


class Verdict:
    """Of one interact. The function is looked through once, and again when what it uses has been redefined.

    Attributes:
        doubt: why it was last taken to change the session; None when it was not.
    """

    def __init__(self, living: Living, namespace: dict[str, Any]) -> None:
        self.doubt: str | None = None
        self._living = living
        self._namespace = namespace
        self._analysis: Analysis | None = None
        self._reason: str | None = None

    def holds(self) -> bool:
        """Whether the run that has just ended changed nothing. Cheap, but for the first time."""
        self.doubt = self._doubt()
        return self.doubt is None

    def _doubt(self) -> str | None:
        analysis = self._analysis
        if analysis is None or not analysis.still_holds():
            analysis = self._analysis = Analysis(self._namespace)
            try:
                analysis.function(self._living.function)
                self._reason = None
            except Unsure as error:
                self._reason = str(error)
        if self._reason is not None:
            return self._reason
        try:
            for name, control in self._living.controls.items():
                for value in (*control.shared(), *control.adapter_functions()):
                    analysis.value(value, name)
            if self._living.expressions.codes:
                typed = Analysis(self._namespace)
                for code in self._living.expressions.codes:
                    typed.code(code)
        except Unsure as error:
            return str(error)
        return None
