# SPDX-License-Identifier: GPL-2.0-or-later
"""One connection of a relay: bytes to messages and back, and who it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from . import log
from .limits import AUTH_SECONDS, MAX_FRAME_BYTES
from .messages import Problem
from .wire import JSON_KIND, FrameError, FrameReader, encode

if TYPE_CHECKING:
    from .session import Session
    from .supervisor import Supervisor

#: Bytes waiting to be sent at which the sessions of a link stop listening to their workers, and go on.
HIGH_WATER = 4_194_304
LOW_WATER = 1_048_576


#: Read at a time, bytes. One room for all links: what is in it is taken out before anything else is read.
_ROOM = memoryview(bytearray(262_144))


class Link(asyncio.BufferedProtocol):
    """Belongs to the event loop; ends when either side closes.

    Attributes:
        sessions: those whose messages go here.
        is_slow: the relay does not read as fast as is written.
        is_known: the token was right.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self.sessions: set[Session] = set()
        self.is_slow = False
        self.is_known = False
        self._supervisor = supervisor
        self._reader = FrameReader(MAX_FRAME_BYTES)
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._deadline: asyncio.TimerHandle | None = None
        self._is_over = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
        self._supervisor.links.add(self)
        self._deadline = asyncio.get_running_loop().call_later(AUTH_SECONDS, self.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._out.clear()
        self.known()
        self._supervisor.links.discard(self)
        self._supervisor.unlinked(self)

    def known(self) -> None:
        """The relay need not hurry any more to say who it is."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def pause_writing(self) -> None:
        self.is_slow = True
        for session in self.sessions:
            session.regulate()

    def resume_writing(self) -> None:
        self.is_slow = False
        for session in self.sessions:
            session.regulate()

    def get_buffer(self, sizehint: int) -> memoryview:
        return _ROOM

    def buffer_updated(self, nbytes: int) -> None:
        try:
            for kind, body in self._reader.feed(_ROOM[:nbytes]):
                # One that broke under what was sent still said the rest: sessions it closed are closed.
                if self._is_over:
                    return
                self._frame(kind, body)
        except FrameError as error:
            log.warn("a relay broke the framing", reason=str(error))
            self.close()
            return
        self.flush()

    def _frame(self, kind: bytes, body: bytes) -> None:
        if kind != JSON_KIND:
            raise FrameError(f"frame of kind {kind!r}; allowed: {JSON_KIND!r}")
        try:
            message = self._supervisor.commands.read(body.decode())
        except UnicodeDecodeError:
            self.fault("bad-message", "The message is not UTF-8.")
        except Problem as problem:
            if not self.is_known:
                self.refuse()
                return
            self.fault(problem.code, str(problem), field=problem.field, about=problem.about)
        else:
            self._supervisor.orders.obey(self, message)

    def refuse(self) -> None:
        """Tells that the token is wrong and ends the link."""
        self.fault("unauthorized", "The first message must be auth with the right token.")
        self.close()

    def fault(self, code: str, message: str, **rest: Any) -> None:
        """Sends an ``error``; a field that is None is left out."""
        fields = {name: value for name, value in rest.items() if value is not None}
        self.send(encode({"type": "error", "code": code, "message": message, **fields}))

    def send(self, frame: bytes) -> None:
        """Queues a frame; it goes out at the next ``flush``, at the latest when the loop comes round."""
        if not self._out:
            self._supervisor.loop.before_waiting(self.flush)
        self._out.append(frame)

    def flush(self) -> None:
        """Writes what is queued in one piece."""
        if self._out and self._transport is not None:
            data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
            self._out.clear()
            if not self._transport.is_closing():
                self._transport.write(data)

    def close(self) -> None:
        """Ends the connection after what is queued has been sent; nothing more is heard from it."""
        self._is_over = True
        self.flush()
        if self._transport is not None:
            self._transport.close()
