# SPDX-License-Identifier: GPL-2.0-or-later
"""One worker's measurement of its runs."""

from __future__ import annotations

import builtins
import getpass
from typing import Any

from . import wrappers
from .findings import findings
from .generators import Generators

#: What ends a run by the machine's doing rather than the code's.
_ACCIDENTS = frozenset(("MemoryError", "RecursionError", "AlarmInterrupt", "KeyboardInterrupt", "SystemError"))


def _asked(*_arguments: Any, **_options: Any) -> None:
    findings.note("an answer of the reader's")


class Watch:
    """Made in the zygote, settled in each fork; then for each run ``prepare``, ``begin`` and ``end``.

    What takes time to begin with is done in ``prepare``, while nobody waits. Draws between it and ``end`` count.
    """

    def __init__(self) -> None:
        self._generators = Generators()
        self._generators.own_c_library()
        self._blind = wrappers.blind
        self._is_prepared = False
        wrappers.generators = self._generators
        for owner, name in ((builtins, "input"), (getpass, "getpass")):
            wrappers.replace(owner, name, _asked)

    def settle(self, directory: str) -> None:
        """In the fork: ``directory``, a real path, is the worker's own."""
        findings.directory = directory.rstrip("/") + "/"
        # The fork has been given seeds of its own since the rehearsal.
        self._is_prepared = False

    def prepare(self) -> None:
        """Looks at what the next run begins with; as the last one left it, if there was one."""
        self._generators.begin_again()
        self._is_prepared = True

    def begin(self) -> None:
        """The reader's code is about to run."""
        if not self._is_prepared:
            self.prepare()
        self._is_prepared = False
        findings.reason = None
        findings.watching = True

    def end(self, status: str, outputs: list[dict[str, Any]]) -> str | None:
        """It has ended so; why the run was not pure, or None when nothing speaks against it.

        The supervisor looks at the output besides (``Marks``), and at how the execution ended.
        """
        findings.watching = False
        reason = findings.reason
        if reason is None:
            try:
                source = self._generators.drawn()
            except Exception:
                source = "a generator that can't be read"
            if source is not None:
                reason = f"random numbers of {source}"
        if reason is None and status not in ("ok", "error"):
            reason = "stopped"
        if reason is None and outputs:
            errors = (output for output in outputs if output["kind"] == "error")
            if any(error.get("name") in _ACCIDENTS for error in errors):
                reason = "accident"
        findings.last = reason = reason or self._blind
        self._generators.end(reason is None)
        return reason

    def is_untouched(self) -> bool:
        """Whether nobody has drawn since ``begin``, with or without a seed; to be asked after ``end``."""
        return self._generators.is_still()
