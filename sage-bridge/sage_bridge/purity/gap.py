# SPDX-License-Identifier: GPL-2.0-or-later
"""States of GAP's generators of random numbers, in a session where GAP runs."""

from __future__ import annotations

from typing import Any

from .findings import findings

#: Name in GAP of the states that it was given at its start.
_SEEDED = "SageBridgeSeeded"
_STATE = "[State(GlobalMersenneTwister),State(GlobalRandomSource)]"
#: One line for GAP's start-up file, behind those that give it a seed.
KEEP_SEEDED = f"{_SEEDED} := {_STATE};;\n"


class Gap:
    """GAP's two generators, asked through Sage; nothing is asked before GAP has been started."""

    def __init__(self) -> None:
        self.is_started = False
        self._state: str | None = None

    def watch(self) -> None:
        """Hears of the start from now on: Sage asks for a saved workspace right before it."""
        try:
            from sage.libs.gap import saved_workspace
        except ImportError:
            return
        original = saved_workspace.workspace

        def workspace(*arguments: Any, **options: Any) -> Any:
            self.is_started = True
            # What is done to start it, and to give it its seed, is no doing of the run's.
            watching, findings.watching = findings.watching, False
            try:
                return original(*arguments, **options)
            finally:
                findings.watching = watching

        saved_workspace.workspace = workspace

    def _read(self, text: str) -> str:
        from sage.libs.gap.libgap import libgap

        return str(libgap.eval(text))

    def begin(self) -> None:
        if self.is_started:
            self._state = self._read(_STATE)

    def drawn(self) -> bool:
        if not self.is_started:
            return False
        before = self._state
        if before is None:
            # Started in this run: its start-up file kept the states it began with.
            before = self._read(_SEEDED)
        return self._read(_STATE) != before


gap = Gap()
