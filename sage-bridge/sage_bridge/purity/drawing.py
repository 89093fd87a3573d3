# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots that come out the same each time: no date, no drawn identifiers, no addresses in them.

Sage moves the points at which it samples a function a little at random, against patterns that hide its course, and
starts the layout of a graph at random places: both now the same way each time.
"""

from __future__ import annotations

import functools
import random
from typing import Any


class _Foreseeable:
    """Stands for Sage's state of random numbers where only the look of a plot depends on it."""

    @staticmethod
    def python_random() -> random.Random:
        return random.Random(0)  # noqa: S311


def steady_samples() -> None:
    """For ``plot``; what the plotted function itself draws stays random."""
    from sage.plot import plot

    if hasattr(plot, "current_randstate"):
        plot.current_randstate = _Foreseeable


def steady_layouts() -> None:
    """For graphs without places for their vertices."""
    from sage.graphs import generic_graph_pyx

    layout = generic_graph_pyx.spring_layout_fast
    generator = random.Random(0)  # noqa: S311

    @functools.wraps(layout)
    def spring_layout_fast(*arguments: Any, **options: Any) -> Any:
        generator.seed(0)
        return layout(*arguments, **options)

    generic_graph_pyx.random = generator.random
    generic_graph_pyx.spring_layout_fast = spring_layout_fast


def steady_ranks() -> None:
    """For graphs whose vertices stand in rows, such as the diagrams of posets."""
    from sage.graphs.generic_graph import GenericGraph
    from sage.misc.randstate import randstate

    extend = GenericGraph.layout_extend_randomly

    @functools.wraps(extend)
    def layout_extend_randomly(*arguments: Any, **options: Any) -> Any:
        with randstate(0):
            return extend(*arguments, **options)

    GenericGraph.layout_extend_randomly = layout_extend_randomly


def steady_svg() -> None:
    """For matplotlib."""
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


#: To be made once each, after Sage was imported.
CHANGES = (steady_svg, steady_samples, steady_layouts, steady_ranks)
