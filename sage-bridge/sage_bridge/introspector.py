# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers to questions that belong to no session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .inquiries import Inquiries
from .limits import RETRY_AFTER_MS
from .remote import RemoteWorker
from .wire import encode

if TYPE_CHECKING:
    from .link import Link
    from .supervisor import Supervisor


class Introspector:
    """The worker that answers questions outside any session; no code of readers ever runs in it."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._worker: RemoteWorker | None = None
        self._inquiries: Inquiries | None = None
        self._early: list[tuple[dict[str, Any], Link]] = []
        self._is_waiting = False

    def ask(self, question: dict[str, Any], link: Link) -> None:
        """Has a question answered, as soon as there is a worker for it."""
        if self._inquiries is not None:
            self._inquiries.ask(question, lambda answer: link.send(encode(answer)))
            return
        self._early.append((question, link))
        if not self._is_waiting:
            self._is_waiting = True
            if not self._supervisor.pool.take(self):
                self.refused()

    def arrived(self, worker: RemoteWorker) -> None:
        self._is_waiting = False
        self._worker = worker
        worker.owner = self
        self._inquiries = Inquiries(worker, self._supervisor.loop, lambda: None)
        early, self._early = self._early, []
        for question, link in early:
            self.ask(question, link)

    def refused(self) -> None:
        self._is_waiting = False
        early, self._early = self._early, []
        for question, link in early:
            link.fault("busy", "No worker is free.", about=question["request"], retryAfterMs=RETRY_AFTER_MS)

    def moved(self, position: int) -> None:
        pass

    def text(self, name: str, text: str) -> None:
        pass

    def frame(self, frame: dict[str, Any]) -> None:
        if frame.get("type") == "reply" and self._inquiries is not None:
            self._inquiries.answered(frame.get("answer"))

    def settled(self) -> None:
        pass

    def died(self, status: int | None) -> None:
        inquiries, self._inquiries = self._inquiries, None
        worker, self._worker = self._worker, None
        if inquiries is not None:
            inquiries.close()
        if worker is not None:
            self._supervisor.pool.lost(worker)
