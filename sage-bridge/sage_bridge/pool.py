# SPDX-License-Identifier: GPL-2.0-or-later
"""Workers forked ahead of need, and those who wait for one."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from typing import Any, Callable, Protocol

from . import log, processes
from .limits import Settings
from .nursery import Nursery
from .quarters import Quarters
from .remote import RemoteWorker

#: Forks under way at a time: more would only take the processors from those who compute.
MAX_STARTING = 3
#: Pause between an answer and the fork that replaces its worker, seconds: answering goes first.
REFILL_PAUSE = 0.004
#: How long an answer of the kernel's about free memory is good for, seconds: until the next sweep but one.
MEMORY_SECONDS = 0.5


class Waiter(Protocol):
    """Somebody who needs a worker."""

    def arrived(self, worker: RemoteWorker) -> None:
        """Here is one; the receiver owns it now."""

    def refused(self) -> None:
        """There was none in time."""

    def moved(self, position: int) -> None:
        """So many are still before."""


class _Newcomer:
    """Owner of a worker that is not parked yet."""

    def __init__(self, pool: Pool, worker: RemoteWorker) -> None:
        self._pool = pool
        self._worker = worker
        self._last_words = ""
        self._is_parked = False
        self._is_housed = False

    def text(self, name: str, text: str) -> None:
        """What the rehearsal prints is nobody's, but the reason of a failure is the log's."""
        self._last_words = (self._last_words + text)[-2_000:]

    def frame(self, frame: dict[str, Any]) -> None:
        if frame.get("type") == "parked":
            self._is_parked = True
            self._ready()

    def housed(self, as_planned: bool) -> None:
        """Its control group is settled."""
        self._is_housed = True
        if as_planned:
            self._ready()
        else:
            self._worker.retire()
            self._pool._failed(self._worker, None, "it is in no control group")

    def _ready(self) -> None:
        if self._is_parked and self._is_housed:
            self._pool._parked_one(self._worker)

    def settled(self) -> None:
        pass

    def died(self, status: int | None) -> None:
        self._pool._failed(self._worker, status, self._last_words)


class Pool:
    """Keeps ``settings.pool`` workers ready and hands them out, first come, first served."""

    def __init__(self, quarters: Quarters, settings: Settings, nursery: Nursery, on_parked: Callable[[], None]) -> None:
        self._quarters = quarters
        self._settings = settings
        self._nursery = nursery
        self._on_parked = on_parked
        self._ready: deque[RemoteWorker] = deque()
        self._outdated: set[RemoteWorker] = set()
        self._starting: set[RemoteWorker] = set()
        self._in_use: set[RemoteWorker] = set()
        self._waiting: deque[tuple[float, Waiter]] = deque()
        self._forked = 0
        self._started = 0
        self._failures = 0
        self._asked_memory = float("-inf")
        self._is_short = False
        self._refill: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def parked(self) -> int:
        """Workers ready at this moment."""
        return len(self._ready)

    @property
    def in_use(self) -> int:
        """Workers handed out and not removed yet."""
        return len(self._in_use)

    def counts(self) -> dict[str, int]:
        """What ``pong`` tells of the workers."""
        return {"parked": self.parked, "inUse": self.in_use, "forked": self._forked, "started": self._started}

    def workers(self) -> list[RemoteWorker]:
        """Every worker there is."""
        return [*self._ready, *self._starting, *self._in_use]

    def take(self, waiter: Waiter) -> bool:
        """Gives the waiter a worker at once, or puts it in the queue; False when the queue is full."""
        if self._can_give() and not self._waiting:
            self._give(waiter)
            return True
        if len(self._waiting) >= self._settings.max_waiting or not self._has_memory():
            return False
        self._waiting.append((asyncio.get_running_loop().time() + self._settings.wait, waiter))
        waiter.moved(len(self._waiting) - 1)
        self.fill()
        return True

    def _can_give(self) -> bool:
        return bool(self._ready) and self.in_use < self._settings.max_sessions and self._has_memory()

    def _has_memory(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now > self._asked_memory + MEMORY_SECONDS:
            self._ask_for_memory(now)
        return not self._is_short

    def _ask_for_memory(self, now: float) -> None:
        # Some 50 µs, which nobody needs to wait for.
        self._asked_memory = now
        available = processes.available_memory()
        self._is_short = available is not None and available < self._settings.reserve_bytes

    def leave(self, waiter: Waiter) -> None:
        """The waiter needs no worker any more."""
        self._waiting = deque(entry for entry in self._waiting if entry[1] is not waiter)

    def give_back(self, worker: RemoteWorker) -> None:
        """Ends a worker; nobody gets it again."""
        worker.retire(lambda: self._removed(worker))
        self._fill_soon()

    def lost(self, worker: RemoteWorker) -> None:
        """A worker handed out has died by itself."""
        self._removed(worker)

    def _removed(self, worker: RemoteWorker) -> None:
        self._in_use.discard(worker)
        self._serve()
        self._fill_soon()

    def _give(self, waiter: Waiter) -> None:
        worker = self._ready.popleft()
        self._outdated.discard(worker)
        self._in_use.add(worker)
        self._started += 1
        waiter.arrived(worker)
        self._fill_soon()

    def _serve(self) -> None:
        served = False
        while self._waiting and self._can_give():
            _, waiter = self._waiting.popleft()
            self._give(waiter)
            served = True
        if served:
            for position, (_, waiter) in enumerate(self._waiting):
                waiter.moved(position)

    def sweep(self, now: float) -> None:
        """Serves or refuses those who have waited; to be called regularly."""
        self._ask_for_memory(now)
        self._serve()
        while self._waiting and self._waiting[0][0] <= now:
            _, waiter = self._waiting.popleft()
            waiter.refused()

    def renew(self) -> None:
        """Replaces those that are ready one by one: those forked from now on are better."""
        self._outdated = {*self._ready, *self._starting}
        self._fill_soon()

    def replace(self) -> None:
        """Ends those that nobody has yet: none of them may be handed out any more."""
        self._outdated.clear()
        self._end_unused()
        self.fill()

    def _end_unused(self) -> None:
        unused = [*self._ready, *self._starting]
        self._ready.clear()
        self._starting.clear()
        self._in_use.update(unused)
        for worker in unused:
            self.give_back(worker)

    def _fill_soon(self) -> None:
        if self._refill is None and not self._closed:
            self._refill = asyncio.get_running_loop().call_later(REFILL_PAUSE, self.fill)

    def fill(self) -> None:
        """Asks for as many forks as are missing."""
        if self._refill is not None:
            self._refill.cancel()
            self._refill = None
        if self._closed or not self._nursery.is_ready or self._failures > 5:
            return
        wanted = self._settings.pool + len(self._waiting) + len(self._outdated)
        while len(self._ready) + len(self._starting) < wanted and len(self._starting) < MAX_STARTING:
            if not self._start():
                return

    def _start(self) -> bool:
        try:
            quarter = self._quarters.assign()
        except LookupError as error:
            log.warn("no worker can be started", reason=str(error))
            return False
        ours, theirs = socket.socketpair()
        out, out_theirs = os.pipe()
        err, err_theirs = os.pipe()
        for descriptor in (ours.fileno(), out, err):
            os.set_blocking(descriptor, False)
        worker = RemoteWorker(self._quarters, quarter, ours, (out, err), self._known)
        newcomer = _Newcomer(self, worker)
        worker.owner = newcomer
        self._starting.add(worker)

        def forked(pidfd: int | None, inner: int) -> None:
            if pidfd is None:
                self._starting.discard(worker)
                worker.discard()
                if self._nursery.is_ready:
                    self._failed(worker, None, "no process could be forked")
            else:
                self._forked += 1
                worker.watch(brood, pidfd, inner)
                self._quarters.move_in(quarter, worker.pid, newcomer.housed)

        order = {**self._quarters.facts(quarter), "hurry": bool(self._waiting)}
        brood = self._nursery.fork(order, [theirs.detach(), out_theirs, err_theirs], forked)
        return True

    def _known(self) -> list[int]:
        # Zygotes and workers: what else is below a keeper was left by a worker.
        return [*self._nursery.zygotes, *(worker.pid for worker in self.workers() if worker.pid)]

    def _parked_one(self, worker: RemoteWorker) -> None:
        self._starting.discard(worker)
        self._failures = 0
        worker.owner = _Parked(self, worker)
        self._ready.append(worker)
        if worker not in self._outdated:
            self._replace_one()
        self._serve()
        self._on_parked()
        self._fill_soon()

    def _replace_one(self) -> None:
        old = next((one for one in self._ready if one in self._outdated), None)
        if old is not None:
            self._ready.remove(old)
            self._outdated.discard(old)
            self._in_use.add(old)
            self.give_back(old)

    def _failed(self, worker: RemoteWorker, status: int | None, words: str) -> None:
        self._starting.discard(worker)
        self._outdated.discard(worker)
        self._failures += 1
        log.warn("a worker died before it was ready", status=status, failures=self._failures, words=words)
        if self._failures > 5:
            # Something is wrong with every fork; try again later instead of burning the machine.
            asyncio.get_running_loop().call_later(10, self._try_again)
        else:
            self._fill_soon()

    def _try_again(self) -> None:
        self._failures = 0
        self.fill()

    def _parked_died(self, worker: RemoteWorker) -> None:
        if worker in self._ready:
            self._ready.remove(worker)
        self._outdated.discard(worker)
        self._fill_soon()

    def close(self) -> None:
        """Ends every worker; each leaves ``workers`` when nothing is left of it. Nothing is handed out afterwards."""
        self._closed = True
        if self._refill is not None:
            self._refill.cancel()
        self._outdated.clear()
        self._end_unused()
        for worker in self.workers():
            self.give_back(worker)


class _Parked:
    """Owner of a worker that waits to be used."""

    def __init__(self, pool: Pool, worker: RemoteWorker) -> None:
        self._pool = pool
        self._worker = worker

    def text(self, name: str, text: str) -> None:
        pass

    def frame(self, frame: dict[str, Any]) -> None:
        pass

    def settled(self) -> None:
        pass

    def died(self, status: int | None) -> None:
        self._pool._parked_died(self._worker)
