# SPDX-License-Identifier: GPL-2.0-or-later
"""Which open files a new process keeps."""

from __future__ import annotations

from collections.abc import Iterable

from . import kernel


def close_all_but(keep: Iterable[int]) -> None:
    """Closes every descriptor that is not in ``keep``, standard ones included; never raises for those not open."""
    start = 0
    for descriptor in sorted({d for d in keep if d >= 0}):
        kernel.close_range(start, descriptor - 1)
        start = descriptor + 1
    kernel.close_range(start, (1 << 31) - 1)
