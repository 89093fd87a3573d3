# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs code that awaits something outside of every function."""

from __future__ import annotations

from inspect import CO_COROUTINE
from types import CodeType
from typing import TYPE_CHECKING, Any, Iterable

if TYPE_CHECKING:
    import asyncio

#: How long code may take to clean up once it was interrupted, seconds: less than it is given before it can be killed.
_CLEANING_S = 1.0


def awaits(code: CodeType | None) -> bool:
    """Whether it awaits something outside of every function."""
    return code is not None and code.co_flags & CO_COROUTINE != 0


async def _outcome(codes: Iterable[CodeType | None], namespace: dict[str, Any]) -> tuple[Any, BaseException | None]:
    value = None
    try:
        for code in codes:
            value = None if code is None else eval(code, namespace)  # noqa: S307
            if awaits(code):
                value = await value
    except BaseException as error:
        # Caught here it has the frames of the code and none of the loop's.
        return None, error
    return value, None


class Awaiting:
    """Has one event loop for a session, so that a task of one cell can be awaited in the next."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, codes: Iterable[CodeType | None], namespace: dict[str, Any]) -> Any:
        """Runs code one after the other; the value of the last. Tasks it begins go on whenever something is awaited.

        Raises:
            RuntimeError: it is called from code that this runs.
        """
        # Not imported for those who await nothing.
        import asyncio

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        elif self._loop.is_running():
            raise RuntimeError("code that is awaited cannot run other code that awaits")
        loop = self._loop
        task = loop.create_task(_outcome(codes, namespace))
        try:
            value, error = loop.run_until_complete(task)
        except BaseException as interrupt:
            raise interrupt.with_traceback(self._end(loop, task) or interrupt.__traceback__) from None
        if error is not None:
            raise error
        return value

    def _end(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> Any:
        """Stops what was interrupted. The frames where that stood, if it stopped."""
        import asyncio

        task.cancel()
        loop.run_until_complete(asyncio.wait([task], timeout=_CLEANING_S))
        if not task.done() or task.cancelled():
            # The interrupt may have come in the middle of the loop's own bookkeeping.
            self._loop = None
            return None
        _value, error = task.result()
        return error and error.__traceback__
