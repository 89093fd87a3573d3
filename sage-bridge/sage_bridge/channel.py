# SPDX-License-Identifier: GPL-2.0-or-later
"""The worker's end of its control socket, and the guard that keeps an interrupt out of its bookkeeping."""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import termios
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator

from .purity import unwatched
from .wire import encode, framed, parse

_getpid = unwatched(os.getpid)
_ZERO = struct.pack("i", 0)
#: Read at a time, bytes: most messages, and no more memory than a worker has touched anyhow.
_READ_BYTES = 4_096


def pending(descriptor: int) -> int:
    """Bytes in a pipe or socket that nobody has read yet; 0 when it has been replaced by something else."""
    try:
        return struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, _ZERO))[0]
    except OSError:
        return 0


class Guard:
    """Decides what a SIGINT does: raise in the reader's code, wait until a message is sent, or nothing.

    Attributes:
        open: True while the reader's code runs; only then is an interrupt anybody's business.
    """

    def __init__(self) -> None:
        self.open = False
        self._held = 0
        self._pending = False
        self._missed = False
        self._previous: Callable[[int, Any], Any] = signal.default_int_handler

    def install(self) -> None:
        """Takes over the Python half of SIGINT handling.

        Sage's C half stays, because it is what interrupts compiled code; Python's ``signal.signal`` would
        replace it, hence the detour through ``sigaction``.
        """
        libc = ctypes.CDLL(None, use_errno=True)
        saved = ctypes.create_string_buffer(512)
        libc.sigaction(signal.SIGINT, None, saved)
        previous = signal.getsignal(signal.SIGINT)
        if callable(previous):
            self._previous = previous
        signal.signal(signal.SIGINT, self._handle)
        libc.sigaction(signal.SIGINT, saved, None)

    def _swallow(self) -> None:
        # Sage's C half remembers the signal; asking its Python half makes it forget.
        try:
            self._previous(signal.SIGINT, None)
        except KeyboardInterrupt:
            pass

    def _handle(self, number: int, frame: Any) -> None:
        if not self.open:
            self._missed = True
            self._swallow()
        elif self._held:
            self._pending = True
            self._swallow()
        else:
            self._previous(number, frame)

    def begin(self) -> bool:
        """From here on an interrupt raises KeyboardInterrupt. Returns whether one came since the last ``begin``."""
        self._pending = False
        self.open = True
        missed, self._missed = self._missed, False
        return missed

    def end(self) -> None:
        """From here on an interrupt does nothing."""
        self.open = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Puts an interrupt off until the block has ended."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._pending and not self._held and self.open:
            self._pending = False
            raise KeyboardInterrupt


class Channel:
    """Length-prefixed JSON over the control socket. The supervisor closes its end to end the worker."""

    def __init__(self, descriptor: int, guard: Guard) -> None:
        """``descriptor``: the worker's end, owned by this object until the process ends."""
        self._descriptor = descriptor
        self._guard = guard
        self._lock = threading.RLock()
        self._ahead = b""
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._synced = 0
        self._owner = 0
        self._number = 0

    def own(self) -> None:
        """From here on the calling process, and no fork of it, speaks through this channel; before, nobody does."""
        self._owner = _getpid()

    @contextmanager
    def to_nobody(self) -> Iterator[socket.socket]:
        """For practice: in the block the calling process speaks through this channel, and has the other end itself."""
        ours, theirs = socket.socketpair()
        try:
            os.dup2(ours.fileno(), self._descriptor, inheritable=False)
            ours.setblocking(False)
            self.own()
            yield theirs
        finally:
            self._owner = 0
            ours.close()
            theirs.close()
            os.close(self._descriptor)

    def receive(self) -> dict[str, Any]:
        """The next message.

        Raises:
            EOFError: the supervisor is gone.
        """
        ahead, end = self._ahead, 4
        while len(ahead) < end or len(ahead) < (end := 4 + int.from_bytes(ahead[:4], "big")):
            # Who waits in a read is also woken whenever the other end has read something.
            self._poll.poll()
            piece = os.read(self._descriptor, max(_READ_BYTES, end - len(ahead)))
            if not piece:
                raise EOFError
            ahead += piece
        self._ahead = ahead[end:]
        return parse(ahead[5:end])

    def _is_waiting(self) -> bool:
        """Whether something of a message is there."""
        return bool(self._ahead) or pending(self._descriptor) > 0

    def begin(self, number: int) -> None:
        """Opens the guard for the command of that number.

        An interrupt is a message and then a signal. A signal that came before this moment is known to have come, and
        then the message is there; one that belongs to an earlier command has another number.

        Raises:
            KeyboardInterrupt: the command has been interrupted already.
        """
        self._number = number
        if not self._guard.begin():
            return
        while self._is_waiting():
            # An interrupt in the middle of a message would leave the rest to be taken for the next one.
            with self._guard.held():
                message = self.receive()
            if message.get("type") == "interrupt" and message.get("number") == number:
                raise KeyboardInterrupt

    @property
    def is_ours(self) -> bool:
        """False in a process that the reader's code forked: it must not speak for the worker."""
        return _getpid() == self._owner

    def send(self, message: dict[str, Any]) -> None:
        """Sends one message completely, whatever interrupts. Silent in a forked child."""
        if self.is_ours:
            self._put(encode(message))

    def send_text(self, text: str) -> bool:
        """The same for one whose JSON text is there. False in a forked child."""
        if not self.is_ours:
            return False
        self._put(framed(text))
        return True

    def _put(self, data: bytes) -> None:
        if self._guard.open:
            with self._guard.held():
                self._write(data)
        else:
            self._write(data)

    def _write(self, data: bytes) -> None:
        with self._lock:
            written = os.write(self._descriptor, data)
            while written < len(data):
                data = data[written:]
                written = os.write(self._descriptor, data)

    def exchange(self, message: dict[str, Any]) -> None:
        """Sends one message and waits until the supervisor has put it, and all text before it, in order."""
        if not self.is_ours:
            return
        with self._guard.held(), self._lock:
            self._synced += 1
            self.send({**message, "sync": self._synced})
            while self.receive().get("sync") != self._synced:
                pass

    def ask(self, output: dict[str, Any]) -> str | None:
        """Shows a ``prompt`` and waits for the reader's answer; None when there is none. Can be interrupted."""
        if not self.is_ours:
            return None
        self.exchange({"type": "output", "output": output})
        while True:
            # Waiting takes nothing from the socket, so an interrupt here loses nothing.
            if not self._ahead:
                select.select([self._descriptor], [], [])
            with self._guard.held(), self._lock:
                message = self.receive()
            if message.get("type") == "answer" and message.get("number") == self._number:
                return message.get("text")
