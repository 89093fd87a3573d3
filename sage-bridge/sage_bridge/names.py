# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that the reader's code finds besides, or in the place of, those of Sage."""

from __future__ import annotations

from typing import Any


def offer(namespace: dict[str, Any], names: dict[str, Any]) -> None:
    """Puts ``names`` into the reader's namespace, and where Sage has its own.

    From there ``reset()`` and ``restore()`` bring them back, whatever the reader has called so meanwhile, and
    ``from sage.all import *``, which much code begins with, does not bring Sage's own.
    """
    import sage.all
    import sage.all_cmdline

    for place in (namespace, vars(sage.all), vars(sage.all_cmdline)):
        place.update(names)
