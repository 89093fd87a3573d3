# SPDX-License-Identifier: GPL-2.0-or-later
"""Random numbers of its own for every worker: a fork copies the state of each generator.

Modules that are not loaded are left alone; they will seed themselves.
"""

from __future__ import annotations

import ctypes
import os
import random
import sys
from typing import Any


def reseed() -> list[str]:
    """Seeds every loaded source from the system's own; the names of those that were seeded. At most 2 ms."""
    done = []
    for name, seed in _SOURCES:
        module = sys.modules.get(name)
        if module is None:
            continue
        try:
            seed(module)
        except Exception:
            # A source that is loaded and has not been started has no state to share.
            continue
        done.append(name)
    return done


def _fresh() -> int:
    """Between 1 and 2³¹ − 1: the range that PARI, GAP and numpy all take."""
    return int.from_bytes(os.urandom(8), "big") % (2**31 - 1) + 1


def _python(_: Any) -> None:
    random.seed(os.urandom(64))


def _c_library(_: Any) -> None:
    library = ctypes.CDLL(None)
    library.srandom(ctypes.c_uint(_fresh()))
    library.srand48(ctypes.c_long(_fresh()))


def _sage(module: Any) -> None:
    module.set_random_seed(int.from_bytes(os.urandom(16), "big"))


def _numpy(module: Any) -> None:
    module.seed(list(os.urandom(32)))


def _pari(module: Any) -> None:
    from sage.libs.pari import pari

    pari.setrand(_fresh())


def _gap(module: Any) -> None:
    # Through the functions, not as text: the parser would be most of the cost.
    gap = module.libgap
    reset = gap.function_factory("Reset")
    for name in ("GlobalMersenneTwister", "GlobalRandomSource"):
        reset(gap.get_global(name) if hasattr(gap, "get_global") else gap.eval(name), _fresh())


def _multiprocessing(module: Any) -> None:
    module.current_process().authkey = os.urandom(32)


def _temporary_names(module: Any) -> None:
    module._name_sequence = None


_SOURCES = (
    ("random", _python),
    ("ctypes", _c_library),
    ("sage.misc.randstate", _sage),
    ("numpy.random", _numpy),
    ("sage.libs.pari", _pari),
    ("sage.libs.gap.libgap", _gap),
    ("multiprocessing.process", _multiprocessing),
    ("tempfile", _temporary_names),
)
