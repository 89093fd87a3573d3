# SPDX-License-Identifier: GPL-2.0-or-later
"""A seed of its own for the GAP that the reader's code starts; the other sources get theirs by ``sandbox.reseed``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from .purity.gap import KEEP_SEEDED


def _small_seed() -> int:
    return int.from_bytes(os.urandom(8), "big") % (2**31 - 1) + 1


def watch() -> None:
    """Has GAP seeded when the reader's code starts it; GAP's own start is the same every time.

    Its state right after the start, which ``gap_workspace`` keeps, is the same in every session too.
    """
    try:
        from sage.libs.gap import saved_workspace
    except ImportError:
        return
    original = saved_workspace.workspace

    def workspace(*arguments: Any, **options: Any) -> Any:
        # Asked for by Sage right before it starts GAP with the start-up file named here.
        _point_at_seeded_start()
        return original(*arguments, **options)

    saved_workspace.workspace = workspace


def _point_at_seeded_start() -> None:
    util = sys.modules["sage.libs.gap.util"]
    usual = Path(str(util.__file__)).with_name("sage.gaprc")
    if not usual.exists():
        return
    folder = Path(tempfile.mkdtemp(prefix="gap-"))
    seed = _small_seed()
    (folder / "sage.gaprc").write_text(
        f'Read("{usual}");;\nReset(GlobalMersenneTwister, {seed});;\nReset(GlobalRandomSource, {seed});;\n{KEEP_SEEDED}'
    )
    # Sage looks for the file beside its own module.
    util.__file__ = str(folder / "util.py")
