# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames: a 4-byte big-endian length of all that follows, one type byte, the body."""

from __future__ import annotations

import json
import struct
from typing import Any

JSON_KIND = b"j"
BLOB_KIND = b"b"

_HEADER = struct.Struct(">Ic")
_scan = json.JSONDecoder().scan_once
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


class FrameError(Exception):
    """The peer sent something that is not a frame; the rest of its bytes can't be trusted."""


def clean(text: str) -> str:
    """The same text with every surrogate that has no partner replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


#: A value as JSON text; and the same for what is known to be a text.
dumps = _encoder.encode
quoted = json.encoder.encode_basestring


def framed(text: str) -> bytes:
    """The JSON text of one message as a complete frame. Lone surrogates in it become U+FFFD."""
    try:
        body = text.encode()
    except UnicodeEncodeError:
        body = clean(text).encode()
    return _HEADER.pack(len(body) + 1, JSON_KIND) + body


def encode(message: dict[str, Any]) -> bytes:
    """One message as a complete frame. Lone surrogates in it become U+FFFD."""
    return framed(dumps(message))


def parse(body: bytes) -> Any:
    """The value in the body of a JSON frame.

    Raises:
        ValueError: it is not JSON, or not UTF-8.
        RecursionError: it is nested too deeply.
    """
    text = body.decode()
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("not a value") from None
    if end != len(text):
        raise ValueError("more than one value")
    return value


class FrameReader:
    """Cuts a byte stream into frames.

    Holds at most one incomplete frame, so at most ``limit`` bytes plus one read.
    """

    def __init__(self, limit: int) -> None:
        """``limit``: longest frame accepted, bytes after the length prefix."""
        self._limit = limit
        self._pending = bytearray()

    def feed(self, data: bytes | memoryview) -> list[tuple[bytes, bytes]]:
        """The frames that ``data`` completes, as (kind, body).

        Raises:
            FrameError: a frame is empty or longer than the limit.
        """
        pending = self._pending
        if not pending and len(data) >= _HEADER.size:
            length, kind = _HEADER.unpack_from(data)
            if length == len(data) - 4 and length <= self._limit:
                # What is most often read: one frame, all of it.
                return [(kind, bytes(data[5:]))]
        source: bytes | memoryview | bytearray = data
        if pending:
            pending += data
            source = pending
        frames = []
        start, size = 0, len(source)
        while size - start >= 4:
            length = int.from_bytes(source[start : start + 4], "big")
            if not 1 <= length <= self._limit:
                raise FrameError(f"frame of {length} bytes; allowed: 1 to {self._limit}")
            end = start + 4 + length
            if size < end:
                break
            frames.append((bytes(source[start + 4 : start + 5]), bytes(source[start + 5 : end])))
            start = end
        if source is pending:
            del pending[:start]
        elif start < size:
            pending += source[start:]
        return frames
