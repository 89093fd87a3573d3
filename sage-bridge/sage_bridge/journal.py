# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbered messages of a session, kept until they are acknowledged."""

from __future__ import annotations

from collections import deque

from . import wire


class Journal:
    """Numbers messages without holes, from 1 or where the relay left off.

    Attributes:
        size: bytes kept.
        last: number of the newest message, 0 when there is none.
    """

    def __init__(self, session: str, keeps: bool, after: int = 0) -> None:
        """``keeps``: False for messages that nobody can ask for again; ``after``: the relay has numbered so far."""
        self.size = 0
        self.last = after
        self._session = session
        self._keeps = keeps
        self._released = after
        self._kept: deque[tuple[int, bytes]] = deque()

    def write(self, text: str) -> bytes:
        """Numbers and keeps a message, its JSON text without the last brace; returns its frame."""
        self.last += 1
        frame = wire.framed(f'{text},"session":"{self._session}","seq":{self.last}}}')
        if self._keeps:
            self._kept.append((self.last, frame))
            self.size += len(frame)
        return frame

    def release(self, sequence: int) -> None:
        """Lets messages up to ``sequence`` go."""
        while self._kept and self._kept[0][0] <= sequence:
            number, frame = self._kept.popleft()
            self.size -= len(frame)
            self._released = number

    def missed(self, after: int) -> int:
        """How many messages after ``after`` have been let go."""
        return max(0, self._released - after)

    def frames(self) -> list[bytes]:
        """What is kept, oldest first."""
        return [frame for _, frame in self._kept]
