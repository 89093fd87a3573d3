# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps a zygote running: starts another when it dies, and lets the workers of the dead one live on."""

from __future__ import annotations

import asyncio
import os
from typing import Any, Callable

from . import log, sandbox
from .brood import Brood, Forked
from .quarters import Quarters

#: Longest pause between two attempts to start a zygote, seconds.
MAX_PAUSE = 30.0
#: How long the end of what a keeper left behind is waited for, seconds; it is asked for again if that is too short.
_STRAY_SECONDS = 0.05


class Nursery:
    """The present brood, and those before it of which something is alive.

    Attributes:
        facts: what the zygote said of itself (``sage``, ``python``, ``threads``…); empty before the first start.
    """

    def __init__(
        self, directory: str, quarters: Quarters, on_ready: Callable[[], None], on_better: Callable[[], None]
    ) -> None:
        """Starts nothing yet.

        Args:
            directory: the bridge's own.
            quarters: those of the workers.
            on_ready: a zygote can fork.
            on_better: its forks from now on have something that those before have not.
        """
        self._directory = directory
        self._quarters = quarters
        self._on_ready = on_ready
        self._on_better = on_better
        self._brood: Brood | None = None
        self._broods: list[Brood] = []
        self._pause = 0.5
        self._closed = False
        self._is_renewing = False
        self._restart: asyncio.TimerHandle | None = None
        self.facts: dict[str, Any] = {}

    def start(self) -> None:
        """Starts a zygote; readiness is told by the callback."""
        self._brood = Brood(self._directory, self._quarters, self._ready, self._on_better, self._lost)
        self._broods.append(self._brood)

    def name(self, fingerprint: str) -> None:
        """Says what the answers of the present zygote's workers may depend on."""
        if self._brood is not None:
            self._brood.fingerprint = fingerprint

    def renew(self) -> None:
        """Has the zygote replaced: it ends, and another one is started. Its workers live on."""
        if self._brood is not None and self._brood.is_ready and not self._is_renewing:
            self._is_renewing = True
            self._brood.bid_goodbye()

    @property
    def is_ready(self) -> bool:
        """Whether a fork can be asked for now."""
        return self._brood is not None and self._brood.is_ready

    @property
    def keepers(self) -> list[int]:
        """Pids of the processes that were started and not collected yet."""
        return [brood.keeper for brood in self._broods]

    @property
    def zygotes(self) -> list[int]:
        """Pids of the zygotes, present and past, each in its own numbering."""
        return [brood.zygote for brood in self._broods if brood.zygote]

    def fork(self, order: dict[str, Any], descriptors: list[int], done: Forked) -> Brood:
        """Has a worker forked (see ``Brood.fork``); returns whose it will be. Only when ready."""
        assert self._brood is not None
        self._brood.fork(order, descriptors, done)
        return self._brood

    def collect(self) -> None:
        """Ends and collects children of this process that are no keepers, and collects keepers that have ended."""
        for pid in sandbox.children(os.getpid()):
            if pid not in self.keepers:
                sandbox.sweep(pid, seconds=_STRAY_SECONDS)
            try:
                waited, _ = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                waited = pid
            if waited:
                for brood in [one for one in self._broods if one.keeper == pid]:
                    brood.close()
                    self._broods.remove(brood)

    def close(self, at_once: bool = False) -> None:
        """Tells the zygote to end; with ``at_once``, whatever still lives is ended."""
        self._closed = True
        if self._restart is not None:
            self._restart.cancel()
        for brood in self._broods:
            brood.close() if at_once else brood.bid_goodbye()

    def _ready(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self._pause = 0.5
        if facts["threads"] > 1:
            log.warn("the zygote has threads; forks of it may hang", threads=facts["threads"])
        self._on_ready()

    def _lost(self) -> None:
        self._brood = None
        if self._closed:
            return
        if self._is_renewing:
            self._is_renewing = False
            self.start()
        else:
            log.warn("the zygote died; another one is started", pause=self._pause)
            self._restart = asyncio.get_running_loop().call_later(self._pause, self.start)
            self._pause = min(self._pause * 2, MAX_PAUSE)
