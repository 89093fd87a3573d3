# SPDX-License-Identifier: GPL-2.0-or-later
"""Completions and inspections that one worker answers, one after the other, each within its time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Callable

from .execution import numbers
from .limits import INTROSPECTION_SECONDS, MAX_COMPLETIONS
from .remote import RemoteWorker

#: Questions that may wait at one worker; older ones are of no use to somebody who goes on typing.
MAX_WAITING = 16
_KINDS = frozenset(("function", "class", "module", "method", "attribute", "variable", "keyword", "text"))


def _nothing(question: dict[str, Any]) -> dict[str, Any]:
    if question["type"] == "complete":
        return {"type": "completions", "request": question["request"], "target": "", "items": []}
    return {"type": "inspection", "request": question["request"], "target": "", "found": False}


def _checked(question: dict[str, Any], answer: Any) -> dict[str, Any]:
    """The answer as a message of the contract; what is out of shape is left out."""
    message = _nothing(question)
    if not isinstance(answer, dict):
        return message
    if isinstance(answer.get("target"), str):
        message["target"] = answer["target"]
    if question["type"] == "complete":
        items = answer.get("items")
        for item in items[:MAX_COMPLETIONS] if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("text"), str) and item.get("kind") in _KINDS:
                message["items"].append({"text": item["text"], "kind": item["kind"]})
    else:
        message["found"] = answer.get("found") is True
        for part in ("signature", "docstring", "source", "location"):
            if isinstance(answer.get(part), str):
                message[part] = answer[part]
    return message


class Inquiries:
    """Asks one worker."""

    def __init__(self, worker: RemoteWorker, loop: asyncio.AbstractEventLoop, on_rest: Callable[[], None]) -> None:
        """``on_rest`` is called when the worker is free again."""
        self._worker = worker
        self._loop = loop
        self._on_rest = on_rest
        self._current: tuple[dict[str, Any], Callable[[dict[str, Any]], None]] | None = None
        self._waiting: deque[tuple[dict[str, Any], Callable[[dict[str, Any]], None]]] = deque()
        self._deadline: asyncio.TimerHandle | None = None
        self._is_closed = False

    @property
    def is_busy(self) -> bool:
        """Whether the worker is answering now."""
        return self._current is not None

    def ask(self, question: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
        """Has a ``complete`` or ``inspect`` answered; each question gets exactly one answer while this is open."""
        self._waiting.append((question, answer))
        if len(self._waiting) > MAX_WAITING:
            old, drop = self._waiting.popleft()
            drop(_nothing(old))
        self._next()

    def _next(self) -> None:
        if self._current is not None or self._is_closed:
            return
        if not self._waiting:
            self._on_rest()
            return
        self._current = self._waiting.popleft()
        question = {name: value for name, value in self._current[0].items() if name not in ("session", "request")}
        question["number"] = next(numbers)
        self._worker.send(question)
        self._deadline = self._loop.call_later(INTROSPECTION_SECONDS, self._worker.interrupt, question["number"])

    def answered(self, reply: Any) -> None:
        """The worker's reply, not checked yet."""
        if self._current is None:
            return
        if self._deadline is not None:
            self._deadline.cancel()
        (question, answer), self._current = self._current, None
        answer(_checked(question, reply))
        self._next()

    def close(self) -> None:
        """The worker is gone: what was asked gets empty answers."""
        self._is_closed = True
        if self._deadline is not None:
            self._deadline.cancel()
        current = [self._current] if self._current is not None else []
        for question, answer in [*current, *self._waiting]:
            answer(_nothing(question))
        self._current = None
        self._waiting.clear()
