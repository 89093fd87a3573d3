# SPDX-License-Identifier: GPL-2.0-or-later
"""Free places between what the template holds, filled before any fork.

What a fork allocates would go there, and each such place is on a page that it shares with the template until it
writes to it: a few bytes would cost 4 KiB. With the gaps filled it goes to pages of the fork's own, one by one.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from typing import Any, Callable

#: What fills the gaps; kept for good.
_fillers: list[Any] = []
#: Most that is spent on it, bytes.
_MOST = 64 << 20
#: Where the sizes of the interpreter's own allocator end.
_SMALL = 512
#: Sizes of the blocks that the C library's gaps are filled with, bytes.
_LARGEST, _SMALLEST = 65_536, 16
_ROW = re.compile(r"^\s*\d+\s+(\d+)\s+\d+\s+\d+\s+(\d+)\s*$", re.MULTILINE)


def fill_gaps() -> None:
    """Fills what is free of the interpreter's and of the C library's heap. For the zygote, right before it forks."""
    _fill_pools()
    _fill_c_heap()


def _statistics() -> str:
    """What the interpreter prints about its allocator, on descriptor 2."""
    kept = os.dup(2)
    reading, writing = os.pipe()
    # A text that does not fit is of no use, and must not be waited for.
    os.set_blocking(writing, False)
    os.set_blocking(reading, False)
    try:
        os.dup2(writing, 2)
        sys._debugmallocstats()
        return os.read(reading, 65_536).decode("ascii", "replace")
    finally:
        os.dup2(kept, 2)
        for descriptor in (kept, reading, writing):
            os.close(descriptor)


def _of_size(size: int) -> Callable[[], Any]:
    """Makes objects that take so many bytes of the interpreter's heap."""
    if size == 16:
        return object
    if size == 32:
        return lambda: complex(0.5, 0.5)
    return lambda: bytes(size - bytes.__basicsize__)


def _fill_pools() -> None:
    for size, free in [(int(a), int(b)) for a, b in _ROW.findall(_statistics())]:
        if 16 <= size <= _SMALL and size * free <= _MOST:
            make = _of_size(size)
            _fillers.append([make() for _ in range(free)])


class _Information(ctypes.Structure):
    """What ``mallinfo2`` tells; ``keepcost``: size of the free block at the end."""

    _fields_ = (
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")),
    )


def _fill_c_heap() -> None:
    library = ctypes.CDLL(None)
    information, end = getattr(library, "mallinfo2", None), getattr(library, "sbrk", None)
    if information is None or end is None:
        return
    information.restype = _Information
    end.restype, end.argtypes = ctypes.c_void_p, [ctypes.c_ssize_t]
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.restype, library.free.argtypes = None, [ctypes.c_void_p]
    size, left = _LARGEST, _MOST
    while size >= _SMALLEST:
        gaps_end = (end(0) or 0) - information().keepcost
        while left > 0:
            block = library.malloc(size)
            if not block or block >= gaps_end:
                # It came from the end: no gap of this size is left.
                library.free(block)
                break
            left -= size
        size = size * 3 // 4 // 16 * 16
