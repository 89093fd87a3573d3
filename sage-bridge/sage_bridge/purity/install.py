# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts the measuring in place, once, in the zygote."""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any, Callable

from . import audit, drawing, generators, wrappers
from .callers import LIBRARY, passes_through, who
from .findings import findings
from .gap import gap


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
    gap.watch()
    for change in (*drawing.CHANGES, _programs, _numpy_seeds, _real_roots, _definite):
        try:
            change()
        except (ImportError, AttributeError) as error:
            # A Sage without that part has nothing there to be measured.
            print(f"purity: {change.__name__}: {error!r}", file=sys.stderr)
    _put(namespace, "id", _noting(id, "address"))
    if callable(namespace.get("alarm")):
        _put(namespace, "alarm", _noting(namespace["alarm"], "threads or alarms"))
        wrappers.replace(importlib.import_module("cysignals.alarm"), "alarm", wrappers.note_alarm)
    blind = generators.try_out()
    if blind:
        wrappers.blind = "generators that can't be watched"
        print(f"purity: no run will count as pure, since draws can't be seen: {', '.join(blind)}", file=sys.stderr)


def _put(namespace: dict[str, Any], name: str, value: Any) -> None:
    # Where ``reset()`` takes what it puts back.
    for module in ("sage.all", "sage.all_cmdline"):
        vars(sys.modules[module])[name] = value
    namespace[name] = value


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
    """Words to other programs that the reader chose."""
    from pexpect.pty_spawn import spawn

    wrappers.replace(spawn, "send", _talk)


def _numpy_seeds() -> None:
    import numpy

    wrappers.replace(numpy.random, "seed", wrappers.numpy_seed)


def _real_roots() -> None:
    """Its generator has a seed of its own, but is made by way of one that takes entropy and is never used."""
    from sage.rings.polynomial import real_roots

    original = real_roots.real_roots

    @functools.wraps(original)
    def trusted(*arguments: Any, **options: Any) -> Any:
        findings.trusting += 1
        try:
            return original(*arguments, **options)
        finally:
            findings.trusting -= 1

    real_roots.real_roots = trusted


#: Methods of compiled classes that use chance to find a definite result: module, class, method.
_DEFINITE = (
    ("sage.symbolic.expression", "Expression", "test_relation"),
    ("sage.rings.polynomial.polynomial_element", "Polynomial", "factor"),
    ("sage.rings.polynomial.polynomial_element", "Polynomial", "roots"),
    ("sage.rings.polynomial.polynomial_element", "Polynomial", "is_irreducible"),
    ("sage.rings.polynomial.polynomial_integer_dense_flint", "Polynomial_integer_dense_flint", "factor"),
    ("sage.rings.polynomial.polynomial_integer_dense_ntl", "Polynomial_integer_dense_ntl", "factor"),
    ("sage.rings.polynomial.polynomial_rational_flint", "Polynomial_rational_flint", "is_irreducible"),
)


def _definite() -> None:
    for module, kind, method in _DEFINITE:
        owner = getattr(sys.modules.get(module), kind, None)
        if owner is not None and method in vars(owner):
            original = vars(owner)[method]
            wrappers.put_into_type(owner, method, wrappers.uncounted(original))
