# SPDX-License-Identifier: GPL-2.0-or-later
"""Fresh random numbers in every worker: a fork copies the state of each generator."""
from __future__ import annotations

import os
import random
import sys
from typing import Any


def _seed_gap(seed: int) -> None:
    from sage.libs.gap.libgap import libgap

    libgap.eval(f"Reset(GlobalMersenneTwister, {seed})")
    libgap.eval(f"Reset(GlobalRandomSource, {seed})")


def reseed() -> None:
    """Seeds Sage, PARI, numpy, Python and, where it has been started, GAP from the system's own source."""
    fresh = int.from_bytes(os.urandom(16), "big")
    small = fresh % (2**31 - 1) + 1
    from sage.misc.randstate import set_random_seed

    set_random_seed(fresh)
    random.seed(os.urandom(32))
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(small)
    from sage.libs.pari.all import pari

    pari.setrand(small)
    if _gap_runs():
        _seed_gap(small)


def _gap_runs() -> bool:
    # Starting GAP costs hundreds of milliseconds, so it is left to those who use it.
    return getattr(sys.modules.get("sage_bridge.warm"), "gap_started", False)
