# SPDX-License-Identifier: GPL-2.0-or-later
"""Values at equal distances: what binary fractions leave of decimal steps is taken off them, and off their labels.

From -2 in steps of 0.1 the twentieth value is -0.1, where adding up makes -0.0999999999999994 that a reader would see.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Any, Iterable, Sequence

from sage.rings.real_double import RealDoubleElement
from sage.rings.real_mpfr import RealNumber

#: Digits of the largest value that count; the others are what arithmetic left.
_DIGITS = 12
#: Characters that have to be saved: a number that has many digits of its own keeps them.
_LEAST_SAVED = 6


def _is_inexact(value: Any) -> bool:
    # A real number of limited precision.
    return isinstance(value, (float, RealNumber, RealDoubleElement))


def _like(value: Any, number: Decimal) -> Any:
    return float(number) if isinstance(value, float) else value.parent()(str(number))


def _decimal(value: Any) -> Decimal | None:
    """What is written for a number, if that tells all of it."""
    try:
        number = Decimal(repr(value))
        return number if not _is_inexact(value) or _like(value, number) == value else None
    except InvalidOperation:
        return None


def at_steps(indices: Iterable[int], low: Any, step: Any) -> list[Any]:
    """``low + index * step`` for each index, as near to that as their kind of number allows."""
    start, distance = _decimal(low), _decimal(step)
    values = []
    for index in indices:
        value = low + index * step
        if start is not None and distance is not None and _is_inexact(value):
            value = _like(value, start + index * distance)
        values.append(value)
    return values


def tidied(values: Sequence[Any], labels: Sequence[str]) -> list[str]:
    """The labels, with shorter ones for numbers that are next to shorter numbers."""
    sizes = [abs(float(value)) for value in values if _is_inexact(value)]
    largest = max(filter(math.isfinite, sizes), default=0.0)
    if not largest:
        return list(labels)
    places = _DIGITS - 1 - math.floor(math.log10(largest))
    tidy = []
    for value, label in zip(values, labels):
        if _is_inexact(value) and math.isfinite(value):
            # Without the sign of a zero.
            short = repr(round(float(value), places) + 0.0).removesuffix(".0")
            label = short if len(short) + _LEAST_SAVED <= len(label) else label
        tidy.append(label)
    return tidy
