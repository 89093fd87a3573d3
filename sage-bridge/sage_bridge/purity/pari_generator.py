# SPDX-License-Identifier: GPL-2.0-or-later
"""PARI's generator of random numbers, found in memory."""

from __future__ import annotations

import contextlib
import ctypes
from typing import Any, Callable, Iterator

#: Bytes of a word, and of so many as are looked at from the first on that every draw changes: the index, the counter
#: that moves with each draw, and enough of the others to tell one seed from another.
_WORD = 8
_SAMPLE = 6 * _WORD
#: What the ELF format calls a thread's own data.
_PT_TLS = 7


class _Segment(ctypes.Structure):
    """``Elf64_Phdr``."""

    _fields_ = [
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("offset", "address", "physical", "in_file", "size", "alignment")),
    ]


class _Library(ctypes.Structure):
    """``struct dl_phdr_info``, see dl_iterate_phdr(3)."""

    _fields_ = [
        ("address", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
        ("segments", ctypes.c_void_p),
        ("count", ctypes.c_uint16),
        ("loaded", ctypes.c_ulonglong),
        ("unloaded", ctypes.c_ulonglong),
        ("module", ctypes.c_size_t),
        ("thread_data", ctypes.c_size_t),
    ]


def _own_data(library: bytes) -> Any:
    """The calling thread's own data of a library, as an array. Raises LookupError when it has none."""
    found: list[Any] = []

    def look(each: Any, _size: int, _data: Any) -> int:
        info = each.contents
        if library in (info.name or b"") and info.thread_data:
            for segment in (_Segment * info.count).from_address(info.segments):
                if segment.type == _PT_TLS:
                    found.append((ctypes.c_char * segment.size).from_address(info.thread_data))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Library), ctypes.c_size_t, ctypes.c_void_p)
    ctypes.CDLL(None).dl_iterate_phdr(kind(look), None)
    if not found:
        raise LookupError(f"{library.decode()} keeps nothing for each thread")
    return found[0]


class PariGenerator:
    """The state of the calling thread's. To ask PARI takes many times as long as to look."""

    def __init__(self) -> None:
        from sage.libs.pari.all import pari

        self._ask: Callable[[], Any] = pari.getrand
        #: What every draw changes; None where that was not found.
        self.words: Any = None
        with contextlib.suppress(AttributeError, LookupError, OSError):
            self._find(pari)

    def _find(self, pari: Any) -> None:
        data = _own_data(b"libpari")
        state = pari.getrand()
        try:
            moved = [set(self._moved(data, pari.random)) for _ in range(4)]
        finally:
            pari.setrand(state)
        always = set.intersection(*moved).difference(self._moved(data, lambda: pari("2^100 + 1")))
        first = min(always, default=None)
        if first is not None and first + _SAMPLE <= len(data):
            self.words = (ctypes.c_char * _SAMPLE).from_address(ctypes.addressof(data) + first)

    @staticmethod
    def _moved(data: Any, act: Callable[[], Any]) -> Iterator[int]:
        before = data.raw
        act()
        after = data.raw
        for place in range(0, len(before), _WORD):
            word = slice(place, place + _WORD)
            if before[word] != after[word]:
                yield place

    def __call__(self) -> Any:
        return self.words.raw if self.words is not None else hash(self._ask())
