# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots that come out the same each time: no date, no drawn identifiers, no addresses in them."""

from __future__ import annotations

import functools
from typing import Any


def steady() -> None:
    """Sets matplotlib so; to be called once, after it was imported."""
    import matplotlib
    from matplotlib.backends import backend_svg

    matplotlib.rcParams["svg.hashsalt"] = matplotlib.rcParamsDefault["svg.hashsalt"] = "sage"
    renderer = backend_svg.RendererSVG
    write, name = renderer._write_metadata, renderer._make_id

    @functools.wraps(write)
    def without_date(self: Any, metadata: Any) -> Any:
        return write(self, {"Date": None, **(metadata or {})})

    @functools.wraps(name)
    def without_address(self: Any, kind: str, content: Any) -> Any:
        # Of a clip path older versions give the address, which only has to differ from that of other paths.
        if kind == "clip" and isinstance(content, tuple) and len(content) == 2:
            numbers = self.__dict__.setdefault("_sage_clip_numbers", {})
            content = (numbers.setdefault(content[0], len(numbers)), content[1])
        return name(self, kind, content)

    renderer._write_metadata = without_date
    renderer._make_id = without_address
