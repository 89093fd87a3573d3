# SPDX-License-Identifier: GPL-2.0-or-later
"""Random numbers of its own for every worker: a fork copies the state of each generator.

Modules that are not loaded are left alone; they will seed themselves. GAP is the exception: it starts on first use,
always in the same state, hence ``reseed_late``.
"""

from __future__ import annotations

import _random
import ctypes
import os
import re
import struct
import sys
from typing import Any

#: GAP's own "true" in each copy of its library: no address before it has started. None before they were looked for.
_gap_signs: list[ctypes.c_void_p] | None = None
_gap_seeded = False
#: The C library, opened in the zygote: what a worker need not do costs it no memory.
_libc: ctypes.CDLL | None = None


def reseed() -> list[str]:
    """Seeds every loaded source from the system's own; the names of those that were seeded. At most 2 ms.

    Done once in the zygote, it saves each worker what only the first time needs.
    """
    global _gap_seeded
    done = []
    for name, seed in _SOURCES:
        module = sys.modules.get(name)
        # Whatever is wrong with one source, the others must not stay as they are in all sessions.
        try:
            if module is not None:
                seed(module)
                done.append(name)
        except Exception:  # noqa: S112
            continue
    _gap_seeded = False
    if reseed_late():
        done.append("gap")
    return done


def reseed_late() -> bool:
    """Seeds GAP if it has been started since the last call; True if it was. A microsecond if there is nothing to do.

    To be called before and after each execution: the default state is the same in every session.
    """
    global _gap_seeded
    if _gap_seeded or "sage.libs.gap.libgap" not in sys.modules or not gap_started():
        return False
    _gap_seeded = True
    gap: Any = sys.modules["sage.libs.gap.libgap"].libgap
    reset = gap.function_factory("Reset")
    for name in ("GlobalMersenneTwister", "GlobalRandomSource"):
        reset(gap.eval(name), _fresh())
    return True


def gap_started() -> bool:
    """Whether GAP runs in this process; asking does not start it."""
    if _gap_signs is None or not _gap_signs:
        look_for_gap()
    return any(sign.value for sign in _gap_signs or ())


def look_for_gap() -> None:
    """Finds GAP's library among those that are loaded; called in the zygote it saves each worker a millisecond."""
    global _gap_signs
    _gap_signs = []
    if "sage.libs.gap.libgap" not in sys.modules:
        return
    paths = set()
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                path = line.rstrip("\n").partition("/")[2]
                if re.match(r"libgap[-.][^/]*$", os.path.basename(path)) and ".so" in path:
                    paths.add("/" + path)
    except OSError:
        return
    for path in paths:
        try:
            _gap_signs.append(ctypes.c_void_p.in_dll(ctypes.CDLL(path), "GAP_True"))
        except (OSError, ValueError):
            continue


def _fresh() -> int:
    """Positive and below 2^31: the range that PARI, GAP and numpy all take."""
    return int.from_bytes(os.urandom(8), "big") % (2**31 - 1) + 1


def _python(module: Any) -> None:
    # The generator's own method: what the library wraps around it touches memory for nothing.
    _random.Random.seed(module._inst, int.from_bytes(os.urandom(64), "big"))
    module._inst.gauss_next = None


def _c_library(_: Any) -> None:
    global _libc
    if _libc is None:
        _libc = ctypes.CDLL(None)
    _libc.srandom(ctypes.c_uint(_fresh()))
    _libc.srand48(ctypes.c_long(_fresh()))


def _sage(module: Any) -> None:
    module.set_random_seed(int.from_bytes(os.urandom(16), "big"))


class _Twister:
    """The global generator of ``numpy.random``: seeded once by NumPy, then by writing random words over its state.

    The words are as good as those that a seed is stretched to, and no array is made for them in each worker.
    """

    _WORDS = 624

    def __init__(self) -> None:
        self._address: int | None = None

    def __call__(self, module: Any) -> None:
        if self._address is not None:
            # Behind the words stands how many are used up.
            ctypes.memmove(self._address, os.urandom(4 * self._WORDS) + _ALL_USED, 4 * self._WORDS + 4)
            return
        module.seed(_fresh())
        generator = module.mtrand._rand._bit_generator
        if type(generator).__name__ == "MT19937":
            self._address = generator.ctypes.state_address


_ALL_USED = struct.pack("=i", _Twister._WORDS)


def _pari(_: Any) -> None:
    from sage.libs.pari import pari

    pari.setrand(_fresh())


def _multiprocessing(module: Any) -> None:
    module.current_process()._config["authkey"] = module.AuthenticationString(os.urandom(32))


def _temporary_names(module: Any) -> None:
    module._name_sequence = None


_SOURCES = (
    ("random", _python),
    ("ctypes", _c_library),
    ("sage.misc.randstate", _sage),
    ("numpy.random", _Twister()),
    ("sage.libs.pari", _pari),
    ("multiprocessing.process", _multiprocessing),
    ("tempfile", _temporary_names),
)
