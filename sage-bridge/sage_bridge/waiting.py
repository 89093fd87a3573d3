# SPDX-License-Identifier: GPL-2.0-or-later
"""The executions of a session that wait for their turn, and the names of those it has seen."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Iterator

from .execution import Execution
from .limits import MAX_REMEMBERED_EXECUTIONS, MAX_WAITING_EXECUTIONS


class Waiting:
    """First come, first served."""

    def __init__(self) -> None:
        self._queue: deque[Execution] = deque()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._queue)

    def __iter__(self) -> Iterator[Execution]:
        return iter(self._queue)

    def is_news(self, identifier: str) -> bool:
        """Whether the name was not seen before; from now on it was. The latest thousand are remembered."""
        if identifier in self._seen:
            return False
        self._seen[identifier] = None
        if len(self._seen) > MAX_REMEMBERED_EXECUTIONS:
            self._seen.popitem(last=False)
        return True

    @property
    def is_full(self) -> bool:
        """Whether no more may wait."""
        return len(self._queue) >= MAX_WAITING_EXECUTIONS

    def add(self, execution: Execution) -> None:
        """Puts it at the end."""
        self._queue.append(execution)

    def next(self) -> Execution:
        """Takes the first out. Raises IndexError when none waits."""
        return self._queue.popleft()

    def take(self, identifier: str) -> Execution | None:
        """Takes the one of that name out; None when there is none."""
        for execution in self._queue:
            if execution.id == identifier:
                self._queue.remove(execution)
                return execution
        return None

    def clear(self) -> None:
        """Takes all out; their names stay seen."""
        self._queue.clear()
