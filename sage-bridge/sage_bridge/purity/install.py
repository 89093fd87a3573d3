# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts the measuring in place, once, in the zygote."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Callable

from . import audit, drawing, generators, wrappers
from .callers import LIBRARY, passes_through, who
from .findings import findings


def install() -> None:
    """Before Sage is imported: what its modules import from the standard library is wrapped already."""
    wrappers.install()
    audit.install()


def settle(namespace: dict[str, Any], home: str) -> None:
    """After Sage was imported and warmed.

    Args:
        namespace: the globals of the reader's code.
        home: the directory that Sage takes for the user's.
    """
    audit.know_installation(home)
    generators.gap.watch()
    for change in (drawing.steady, _programs, _numpy_seeds, _real_roots):
        try:
            change()
        except (ImportError, AttributeError) as error:
            # A Sage without that part has nothing there to be measured.
            print(f"purity: {change.__name__}: {error!r}", file=sys.stderr)
    alarm = namespace.get("alarm")
    if callable(alarm):
        namespace["alarm"] = _noting(alarm, "threads or alarms")
        wrappers.replace(importlib.import_module("cysignals.alarm"), "alarm", wrappers.note_alarm)
    blind = generators.try_out()
    if blind:
        wrappers.blind = "generators that can't be watched"
        print(f"purity: no run will count as pure, since draws can't be seen: {', '.join(blind)}", file=sys.stderr)


def _noting(original: Callable[..., Any], reason: str) -> Callable[..., Any]:
    def noting(*arguments: Any, **options: Any) -> Any:
        findings.note(reason)
        return original(*arguments, **options)

    noting.__name__, noting.__doc__ = original.__name__, original.__doc__
    return noting


def _talk(*_arguments: Any, **_options: Any) -> None:
    # Sage's library asks other programs for definite results; the reader may ask them for anything.
    if who(3) != LIBRARY or passes_through("sage/interfaces/ecm.py", depth=3):
        findings.note("another program")


def _programs() -> None:
    """Words to other programs, and to the Maxima within, that the reader chose."""
    from pexpect.pty_spawn import spawn

    wrappers.replace(spawn, "send", _talk)
    from sage.interfaces.maxima_lib import MaximaLib

    wrappers.replace(MaximaLib, "_eval_line", _talk)


def _numpy_seeds() -> None:
    import numpy

    wrappers.replace(numpy.random, "seed", wrappers.numpy_seed)


def _real_roots() -> None:
    """Its generator has a seed of its own, but is made by way of one that takes entropy and is never used."""
    from sage.misc.randstate import randstate
    from sage.rings.polynomial import real_roots

    real_roots.randstate = lambda: randstate(0)
