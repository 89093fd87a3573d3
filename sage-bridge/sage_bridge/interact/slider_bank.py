# SPDX-License-Identifier: GPL-2.0-or-later
"""The control that is several sliders side by side."""

from __future__ import annotations

from typing import Any

from .choices import labelled
from .control import Control, Evaluate, Refused, index_in
from .sliders import Interval, nearest

#: Most sliders of one bank.
MAX_SLIDERS = 100


def _evaluate_nothing(text: str) -> None:
    """In a bank is nothing to be evaluated."""


def _each(given: Any, count: int, name: str) -> list[Any]:
    """One for every slider: as many as there are, or one for all."""
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(listed) == 1:
        return listed * count
    if len(listed) != count:
        raise ValueError(f"{name} must have one entry, or one for each of the {count} sliders, not {len(listed)}")
    return listed


class MultiSlider(Control):
    """A bank of sliders. The function gets the list of their values."""

    _KIND = "sliders"

    def __init__(
        self,
        sliders: int = 1,
        values: Any = ((0, 1),),
        interval: Any = ((0, 1),),
        slider_type: str = "continuous",
        default: Any = None,
        stepsize: Any = (0,),
        steps: Any = (250,),
        display_values: bool = True,
        label: Any = None,
    ) -> None:
        """
        Args:
            sliders: how many.
            values: of each slider, where ``slider_type`` is ``"discrete"``.
            interval: ends of each slider, where it is ``"continuous"``.
            slider_type: one of these.
            default: one value for each slider; None for their first.
            stepsize: of each slider, as for ``ContinuousSlider``.
            steps: of each slider, likewise.
            display_values: whether values are shown.
            label: what stands beside them.

        Raises:
            ValueError: a list has neither one entry nor one for each slider, or the type is unknown.
        """
        super().__init__(label)
        count = int(sliders)
        if not 1 <= count <= MAX_SLIDERS:
            raise ValueError(f"sliders must be from 1 to {MAX_SLIDERS}, not {sliders!r}")
        if slider_type not in ("continuous", "discrete"):
            raise ValueError(f"slider_type must be 'continuous' or 'discrete', not {slider_type!r}")
        self._shows = bool(display_values)
        self._intervals: list[Interval] = []
        self._values: list[tuple[list[Any], list[str]]] = []
        if slider_type == "continuous":
            given = zip(
                _each(interval, count, "interval"), _each(steps, count, "steps"), _each(stepsize, count, "stepsize")
            )
            self._intervals = [Interval(*one) for one in given]
            self.state = tuple(one.low for one in self._intervals)
        else:
            self._values = [labelled(one) for one in _each(values, count, "values")]
            if any(len(one) < 2 for one, _ in self._values):
                raise ValueError("a slider needs at least two values")
            self.state = (0,) * count
        if default is not None:
            self.assign(default)

    def _fields(self) -> dict[str, Any]:
        sliders = [one.view() for one in self._intervals] or [
            {"min": 0, "max": len(values) - 1, "step": 1, "labels": labels} for values, labels in self._values
        ]
        return {"value": list(self.state), "sliders": sliders, "showsValue": self._shows}

    def checked(self, sent: Any) -> tuple:
        if not isinstance(sent, list) or len(sent) != len(self.state):
            raise Refused(f"takes {len(self.state)} numbers, not {sent!r}")
        if self._intervals:
            return tuple(interval.checked(one) for interval, one in zip(self._intervals, sent))
        return tuple(index_in(len(values), one) for (values, _), one in zip(self._values, sent))

    def assign(self, value: Any) -> None:
        given = list(value) if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
        given = _each(given, len(self.state), "the value")
        if self._intervals:
            self.state = tuple(interval.within(one) for interval, one in zip(self._intervals, given))
        else:
            self.state = tuple(nearest(values, one) for (values, _), one in zip(self._values, given))

    def argument(self, evaluate: Evaluate) -> list[Any]:
        if self._intervals:
            return list(self.state)
        return [values[index] for (values, _), index in zip(self._values, self.state)]

    def shared(self) -> tuple[Any, ...]:
        return () if self._intervals else tuple(self.argument(_evaluate_nothing))

    def _told(self) -> str:
        if self._intervals:
            return repr(list(self.state))
        return "[" + ", ".join(labels[index] for (_, labels), index in zip(self._values, self.state)) + "]"
