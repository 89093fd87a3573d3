# SPDX-License-Identifier: GPL-2.0-or-later
"""Standard output and error of the reader's code: pipes, written at once.

Python's text and what C code, subprocesses and ``os.write`` put out take the same way, so the kernel keeps
their order; the supervisor gathers small writes. Only between the two pipes, and between a pipe and the
control socket, has order to be made: by waiting until the one has been emptied.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from .channel import Channel, pending
from .wire import clean


class _Binary(io.RawIOBase):
    """What ``sys.stdout.buffer`` is."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, data: Any) -> int:
        return self._stream.write_bytes(bytes(data))


class Stream(io.TextIOBase):
    """A text stream onto descriptor 1 or 2, without a buffer."""

    #: Who wrote last, in this process.
    _last: Stream | None = None

    def __init__(self, descriptor: int, name: str, channel: Channel) -> None:
        self._descriptor = descriptor
        self._channel = channel
        self.name = f"<{name}>"
        self.buffer = _Binary(self)

    encoding = "utf-8"
    errors = "replace"

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def flush(self) -> None:
        """Nothing is ever held back."""

    def close(self) -> None:
        """Does nothing: later output, and the interpreter's own, still needs the stream."""

    def reconfigure(self, **options: Any) -> None:
        """Accepted and ignored, for code that expects Python's own stream."""

    def write_bytes(self, data: bytes) -> int:
        """Writes all of ``data``; text of the other stream written before it stays before it."""
        last = Stream._last
        if last is not self:
            if last is not None and pending(last._descriptor):
                self._channel.exchange({"type": "sync"})
            Stream._last = self
        size = len(data)
        written = os.write(self._descriptor, data)
        while written < size:
            written += os.write(self._descriptor, data[written:])
        return size

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        try:
            data = text.encode()
        except UnicodeEncodeError:
            data = clean(text).encode()
        if data:
            self.write_bytes(data)
        return len(text)


def install(channel: Channel) -> None:
    """Makes descriptors 1 and 2 Python's standard streams, for old references to them as well."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        stream = Stream(descriptor, name, channel)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
