# SPDX-License-Identifier: GPL-2.0-or-later
"""An asyncio event loop that loses no time between a worker's word and whoever listens to it."""

from __future__ import annotations

import asyncio
import select
import selectors
from typing import Any, Callable, Coroutine, TypeVar

Result = TypeVar("Result")


#: Descriptors heard of at a time; the others come next.
_MAX_EVENTS = 64


class _Selector(selectors.EpollSelector):
    """Calls listeners itself, while it selects; the loop hears only of the other descriptors."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners: dict[int, Callable[[], None]] = {}
        self.due: list[Callable[[], None]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.due:
            due, self.due = self.due, []
            for callback in due:
                callback()
        keys, listeners, rest = self._fd_to_key, self.listeners, []
        events_of = self._selector.poll(-1 if timeout is None else timeout, _MAX_EVENTS)
        if len(events_of) == 1 and events_of[0][1] == select.EPOLLIN:
            # What it is most often: nothing before it can have made it untrue.
            listener = listeners.get(events_of[0][0])
            if listener is not None:
                listener()
                return rest
        # As the base does, for the few descriptors that have something to tell.
        found = [(keys.get(fd), event) for fd, event in events_of]
        for key, event in found:
            # A listener before may have given the number to another descriptor, whose events come the next time.
            if key is None or keys.get(key.fd) is not key:
                continue
            reads = selectors.EVENT_READ if event & ~select.EPOLLOUT else 0
            writes = selectors.EVENT_WRITE if event & ~select.EPOLLIN else 0
            events = (reads | writes) & key.events
            listener = listeners.get(key.fd) if events == selectors.EVENT_READ else None
            if listener is not None:
                listener()
            else:
                rest.append((key, events))
        return [each for each in rest if keys.get(each[0].fd) is each[0]]


class EventLoop(asyncio.SelectorEventLoop):
    """As its base, but a reader is called as soon as its descriptor is known to be readable.

    The base puts it at the end of a queue and wraps it in a context of its own, which takes some 10 µs. What adds
    readers within asyncio, transports above all, does so by the methods with an underscore; an asyncio that has none
    serves its transports in its own time, and is otherwise the same.
    """

    def __init__(self) -> None:
        self._direct = _Selector()
        super().__init__(self._direct)

    def add_reader(self, fd: int, callback: Callable[..., Any], *args: Any) -> None:
        """As the base's; ``fd`` is a number."""
        super().add_reader(fd, callback, *args)
        self._listen(fd, callback, args)

    def remove_reader(self, fd: int) -> bool:
        """As the base's."""
        self._direct.listeners.pop(fd, None)
        return super().remove_reader(fd)

    def _add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> Any:
        added = super()._add_reader(fd, callback, *args)  # type: ignore[misc]
        self._listen(fd if isinstance(fd, int) else fd.fileno(), callback, args)
        return added

    def _remove_reader(self, fd: Any) -> Any:
        self._direct.listeners.pop(fd if isinstance(fd, int) else fd.fileno(), None)
        return super()._remove_reader(fd)  # type: ignore[misc]

    def _listen(self, fd: int, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        def listener() -> None:
            try:
                callback(*args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:
                self.call_exception_handler({"message": f"in a reader of {fd}", "exception": error})

        self._direct.listeners[fd] = listener

    def before_waiting(self, callback: Callable[[], None]) -> None:
        """Has it called once, before the loop waits for anything again; it must not raise."""
        self._direct.due.append(callback)


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """As ``asyncio.run``, on such a loop."""
    loop = EventLoop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        try:
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()
