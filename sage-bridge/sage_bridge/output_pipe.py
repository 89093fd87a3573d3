# SPDX-License-Identifier: GPL-2.0-or-later
"""Outputs of a worker: bytes of anybody's, read as text."""

from __future__ import annotations

import codecs
import fcntl
import os
import struct
import termios

_ZERO = struct.pack("i", 0)
#: Read at a time, bytes. One room for all: what is in it is taken out before anything else is read.
_ROOM = memoryview(bytearray(65_536))
#: Most reads from one pipe in a row, so that one flood can't hold up everybody.
_MAX_READS = 16


class OutputPipe:
    """The reading end of one; who made it closes it.

    Attributes:
        name: ``stdout`` or ``stderr``.
        descriptor: its number; it does not block.
    """

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self.descriptor = descriptor
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        assert isinstance(decoder, codecs.BufferedIncrementalDecoder)
        self._decoder = decoder

    def waiting(self) -> int:
        """Bytes that are there to be read."""
        return struct.unpack("i", fcntl.ioctl(self.descriptor, termios.FIONREAD, _ZERO))[0]

    @property
    def is_within(self) -> bool:
        """What was taken last ended within a character, whose bytes are kept."""
        return bool(self._decoder.buffer)

    def take(self, most: int | None) -> tuple[int, str]:
        """What is there, at most so many bytes: their number and their text."""
        size, text = 0, ""
        for _ in range(_MAX_READS):
            wanted = len(_ROOM) if most is None else min(len(_ROOM), most - size)
            if wanted <= 0:
                break
            try:
                count = os.readv(self.descriptor, (_ROOM[:wanted],))
            except BlockingIOError:
                break
            if count:
                size += count
                data = bytes(_ROOM[:count])
                text += data.decode() if data.isascii() and not self._decoder.buffer else self._decoder.decode(data)
            if count < wanted:
                # That was all there is.
                break
        return size, text

    def rest(self) -> str:
        """The replacement for a character that was never completed; empty if there is none."""
        text = self._decoder.decode(b"", True)
        self._decoder.reset()
        return text
