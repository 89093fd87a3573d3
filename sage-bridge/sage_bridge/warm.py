# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports Sage and does once, before any fork, what is slow the first time."""

from __future__ import annotations

import ctypes
import gc
import io
import os
import sys
import types
from typing import Any

from . import gap_seed, gap_workspace, heap, languages

#: What takes tens of milliseconds or more the first time. GAP is left out: ``gap_workspace`` is for it.
_STEPS = (
    "preparse('f(x) = x^2; a = [1..3]')",
    "integrate(sin(x)**2, x)",
    "integrate(x*exp(x), x, 0, 1)",
    # Beyond Maxima: by Giac, which prints as it starts, or by SymPy.
    "integrate(sqrt(x + sqrt(x)), x)",
    "diff(sin(x)*exp(x), x)",
    "factor(x**2 - 1); factor(Integer(2)**67 - 1)",
    "latex(x**2/3); latex([1, matrix(2, [1, 2, 3, 4])])",
    "solve(x**2 - 1 == 0, x)",
    # With it Maxima loads what many integrals, transforms and differential equations need too.
    "solve(x**3 - x - 1 == 0, x)",
    "find_root(cos(x) - x, 0, 1)",
    "limit(sin(x)/x, x=0)",
    "taylor(sin(x), x, 0, 5)",
    "sum(x, x, 0, 5)",
    "matrix(QQ, 3, 3, range(9)).rref(); matrix(QQ, 2, [2, 1, 1, 2]).eigenvectors_right()",
    "matrix(RDF, 2, [1, 2, 3, 4]).SVD(); matrix(RDF, 2, [1, 2, 3, 4]).eigenvalues()",
    "plot(sin(x), (x, 0, 1)).save(svg); plot(sin(x), (x, 0, 1)).save(png)",
    "EllipticCurve([0, 1])",
    "graphs.PetersenGraph().plot().save(svg)",
    "QQ['x', 'y']",
    "numerical_approx(pi, 100)",
    "show_table()",
)


#: A block so large that the C library looks through all free ones before it makes it; each look sorts 10,000.
_LARGE_BLOCK = 65_536
_SORTING_CALLS = 20


def prepare(directory: str) -> dict[str, Any]:
    """The namespace that the reader's code starts with.

    Args:
        directory: existing, for the files of the warming; what is in it may be removed afterwards.
    """
    module = types.ModuleType("__main__")
    namespace = vars(module)
    exec("from sage.all_cmdline import *", namespace)  # noqa: S102
    import sage.repl.user_globals
    from sage.repl.preparse import preparse

    sage.repl.user_globals.set_globals(namespace)
    sys.modules["__main__"] = module
    gap_workspace.install()
    gap_seed.watch()
    _advise_nothing()
    _warm(dict(namespace, preparse=preparse), directory)
    languages.look()
    namespace.pop("__annotations__", None)
    # Sage's start-up leaves these names of its own behind.
    namespace["__name__"] = "__main__"
    return namespace


def _advise_nothing() -> None:
    """Has Sage not look for ways to install what is missing, whenever something is.

    That starts programs and takes half a second, in every session, for a sentence no reader can act on.
    """
    import sage.features

    sage.features._cache_package_systems = []


def _warm(scratch: dict[str, Any], directory: str) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    scratch.update(
        svg=os.path.join(directory, "warm.svg"), png=os.path.join(directory, "warm.png"), show_table=_show_table
    )
    for step in _STEPS:
        try:
            exec(step, scratch)  # noqa: S102
        except Exception as error:
            # A Sage without some part is still a Sage; what fails here fails for the reader with its own words.
            print(f"warming {step!r} failed: {error!r}", file=sys.stderr)
    figure = pyplot.figure()
    pyplot.plot([1, 2])
    figure.savefig(io.BytesIO(), format="svg", bbox_inches="tight")
    pyplot.close("all")


def _show_table() -> None:
    from sage.misc.html import html
    from sage.misc.table import table
    from sage.repl.rich_output import get_display_manager

    get_display_manager()._rich_output_formatter([1, 2], {})
    str(html(table([[1, 2]])))


def _tidy_heap() -> None:
    """Has the C library sort its free blocks now; else every fork would, and touch them all, wherever they are."""
    library = ctypes.CDLL(None)
    trim = getattr(library, "malloc_trim", None)
    if trim is None:
        return
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.restype, library.free.argtypes = None, [ctypes.c_void_p]
    trim(0)
    for _ in range(_SORTING_CALLS):
        library.free(library.malloc(_LARGE_BLOCK))


def settle() -> None:
    """Puts everything that exists out of the collector's sight, so that no fork copies it by counting."""
    from matplotlib import font_manager

    # Every fork empties this cache, and touches a megabyte in doing so unless it is empty already.
    clear = getattr(getattr(font_manager, "_get_font", None), "cache_clear", None)
    if clear is not None:
        clear()
    gc.collect()
    heap.fill_gaps()
    _tidy_heap()
    gc.freeze()
