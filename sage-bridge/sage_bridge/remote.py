# SPDX-License-Identifier: GPL-2.0-or-later
"""A worker as the supervisor sees it: three descriptors, a pid, its quarter. Nothing it says is believed."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
from typing import TYPE_CHECKING, Any, Callable, Protocol

from . import log, processes, sandbox
from .limits import MAX_FRAME_BYTES
from .output_pipe import OutputPipe
from .quarters import Quarter, Quarters
from .wire import FrameError, FrameReader, dumps, framed, parse

if TYPE_CHECKING:
    from .brood import Brood

#: Read at a time, bytes. One room for all: what is in it is taken out before anything else is read.
_ROOM = memoryview(bytearray(262_144))


class Owner(Protocol):
    """Who is told what a worker says and when it ends."""

    def text(self, name: str, text: str) -> None:
        """Text of ``stdout`` or ``stderr``."""

    def frame(self, frame: dict[str, Any]) -> None:
        """A message, after all text that was written before it."""

    def settled(self) -> None:
        """What was there to read has been told."""

    def died(self, status: int | None) -> None:
        """The process is gone, by itself; its wait status if known."""


class RemoteWorker:
    """One forked process and all that belongs to it. ``retire`` ends and removes it.

    Attributes:
        pid: the worker's, 0 before it is known.
        quarter: where it lives.
        ran_out_of_memory: it ended because its control group had no more memory for it.
        owner: who is told; changes when a parked worker is given to a session.
    """

    def __init__(
        self,
        quarters: Quarters,
        quarter: Quarter,
        control: socket.socket,
        outputs: tuple[int, int],
        known: Callable[[], list[int]],
    ) -> None:
        """Takes over all it is given.

        Args:
            quarters: where the quarter is from and goes back to.
            quarter: the worker's own.
            control: the supervisor's end of the control socket.
            outputs: the reading ends of its two outputs.
            known: pids of processes that are nobody's leavings.
        """
        self._quarters = quarters
        self._control = control
        self._pipes = (OutputPipe("stdout", outputs[0]), OutputPipe("stderr", outputs[1]))
        self._poll = select.poll()
        for descriptor in outputs:
            self._poll.register(descriptor, select.POLLIN)
        self._known = known
        self._frames = FrameReader(MAX_FRAME_BYTES)
        self._outbox = bytearray()
        self._loop = asyncio.get_running_loop()
        self._brood: Brood | None = None
        self._inner = 0
        self._pidfd = -1
        self._resident = processes.Resident()
        self._is_held = False
        self._is_retired = False
        self._is_broken = False
        self._is_gone = False
        self._on_removed: Callable[[], None] | None = None
        self.quarter = quarter
        self.ran_out_of_memory = False
        self.pid = 0
        self.owner: Owner | None = None

    def watch(self, brood: Brood, pidfd: int, inner: int) -> None:
        """The fork happened: from now on the worker is listened to. ``inner``: its pid as the zygote numbers it."""
        self._brood = brood
        self._inner = inner
        self._pidfd = pidfd
        self.pid = max(0, sandbox.outer_pid(pidfd))
        self._loop.add_reader(self._pidfd, self._exited)
        self._loop.add_reader(self._control.fileno(), self._readable)
        if self._is_retired:
            self._kill()

    @property
    def fingerprint(self) -> str:
        """Of all that its answers may depend on."""
        return self._brood.fingerprint if self._brood is not None else ""

    @property
    def directory(self) -> str:
        """The worker's own, as the worker sees it."""
        return self.quarter.directory

    def discard(self) -> None:
        """The fork did not happen: frees what was prepared for it."""
        self._is_gone = True
        self._close()
        self._quarters.clear(self.quarter, 0, -1, [], None, self._cleared)

    def _close(self) -> None:
        self._control.close()
        for pipe in self._pipes:
            os.close(pipe.descriptor)

    def _kill(self) -> None:
        if self._pidfd >= 0 and not self._is_gone:
            assert self._brood is not None
            self._quarters.kill(self.quarter, self.pid, self._pidfd, self._known(), self._brood.keeper)

    def send(self, message: dict[str, Any]) -> None:
        """Sends a command; what the socket does not take now goes later."""
        self.send_text(dumps(message))

    def send_text(self, text: str) -> None:
        """The same for one whose JSON text is there."""
        if self._is_gone:
            return
        data = framed(text)
        if not self._outbox:
            try:
                sent = self._control.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return
            if sent == len(data):
                return
            data = data[sent:]
            self._loop.add_writer(self._control.fileno(), self._writable)
        self._outbox += data

    def _writable(self) -> None:
        try:
            del self._outbox[: self._control.send(self._outbox)]
        except BlockingIOError:
            return
        except OSError:
            self._outbox.clear()
        if not self._outbox:
            self._loop.remove_writer(self._control.fileno())

    def hold(self, held: bool) -> None:
        """Stops, or goes on, listening; a worker that is not heard soon waits by itself."""
        if held == self._is_held or self._is_gone or self._is_broken:
            return
        self._is_held = held
        if held:
            self._loop.remove_reader(self._control.fileno())
        else:
            self._loop.add_reader(self._control.fileno(), self._readable)

    def _receive(self) -> list[dict[str, Any]]:
        frames: list[dict[str, Any]] = []
        while not self._is_broken:
            try:
                count = self._control.recv_into(_ROOM)
            except BlockingIOError:
                break
            except OSError:
                count = 0
            if not count:
                # Nothing more can come; the end of the process is told by its pidfd.
                self._loop.remove_reader(self._control.fileno())
                break
            try:
                for _, body in self._frames.feed(_ROOM[:count]):
                    message = parse(body)
                    if not isinstance(message, dict):
                        raise FrameError("not an object")
                    frames.append(message)
            except (FrameError, ValueError, RecursionError) as error:
                log.warn("a worker broke its channel and is ended", reason=str(error)[:200])
                self._is_broken = True
                self._loop.remove_reader(self._control.fileno())
                self._kill()
                break
            if count < len(_ROOM):
                break
        return frames

    def _tell_text(self, pipe: OutputPipe, most: int | None, final: bool = False) -> int:
        size, text = pipe.take(most)
        if final and pipe.is_within:
            text += pipe.rest()
        if text and self.owner is not None:
            self.owner.text(pipe.name, text)
        return size

    def drain(self, final: bool = False) -> int:
        """Tells all text there is now; with ``final`` also what is left of a broken character. Returns bytes."""
        # One question for both is quicker than to try each.
        ready = [descriptor for descriptor, _ in self._poll.poll(0)]
        taken = 0
        for pipe in self._pipes:
            if pipe.descriptor in ready:
                taken += self._tell_text(pipe, None, final)
            elif final and pipe.is_within:
                self._tell_text(pipe, 0, final)
        return taken

    def _handle(self, frames: list[dict[str, Any]]) -> int:
        taken = 0
        for frame in frames:
            # The worker sends a frame only when it has made sure that older text is in the pipes.
            taken += self.drain(final=frame.get("type") == "done")
            sync = frame.pop("sync", None)
            if frame.get("type") != "sync" and self.owner is not None:
                self.owner.frame(frame)
            if isinstance(sync, int):
                self.send({"type": "sync", "sync": sync})
        return taken

    def _readable(self) -> None:
        self._handle(self._receive())
        if self.owner is not None:
            self.owner.settled()

    def collect(self) -> int:
        """Tells the text written so far, in order with the frames; to be called regularly. Returns bytes."""
        if self._is_held or self._is_gone:
            return 0
        # Frames that were sent before the text now in the pipes must be told first. The worker sends none
        # while a pipe of the other kind is full, so whatever arrives later belongs behind this text.
        waiting = [(pipe, pipe.waiting()) for pipe in self._pipes]
        if not any(size for _, size in waiting):
            return 0
        taken = self._handle(self._receive())
        if not taken:
            for pipe, size in waiting:
                taken += self._tell_text(pipe, size)
        if self.owner is not None:
            self.owner.settled()
        return taken

    def interrupt(self, number: int) -> None:
        """Stops the command of that number: SIGINT to the worker and to the programs it runs."""
        if not self._is_gone and self.pid:
            # A signal that comes before the worker has begun is lost; the message is not.
            self.send({"type": "interrupt", "number": number})
            processes.send_group(self.pid, signal.SIGINT)

    def cpu_seconds(self) -> float:
        """Processor time so far."""
        return processes.cpu_seconds(self.pid) if self.pid else 0.0

    def memory_bytes(self) -> int:
        """What it and the programs it runs hold above what it was forked with; first called when it is ready."""
        return self._resident.measure(self.pid) if self.pid else 0

    def retire(self, removed: Callable[[], None] | None = None) -> None:
        """Ends the process and all below it, without telling the owner; then its files. Idempotent."""
        self.owner = None
        if self._is_retired:
            return
        self._is_retired = True
        self._on_removed = removed
        # One that is still being forked is ended as soon as it is known.
        self._kill()

    def _exited(self) -> None:
        if self._is_gone:
            return
        self._loop.remove_reader(self._pidfd)
        if self.owner is not None:
            self._handle(self._receive())
            self.drain(final=True)
        self._is_gone = True
        self.ran_out_of_memory = self.owner is not None and self.quarter.ran_out_of_memory
        self._loop.remove_reader(self._control.fileno())
        self._loop.remove_writer(self._control.fileno())
        self._close()
        assert self._brood is not None
        self._quarters.clear(self.quarter, self.pid, self._pidfd, self._known(), self._brood.keeper, self._cleared)
        self._brood.reap(self._inner, self._reaped)

    def _reaped(self, status: int | None) -> None:
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.died(status)
            owner.settled()

    def _cleared(self) -> None:
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        removed, self._on_removed = self._on_removed, None
        if removed is not None:
            removed()
