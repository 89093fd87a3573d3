# SPDX-License-Identifier: GPL-2.0-or-later
"""Controls that slide over values, or over an interval."""

from __future__ import annotations

from typing import Any, Callable

from .choices import labelled
from .control import Control, Evaluate, Refused, are_equal, as_float, index_in, is_number


def _distance(one: Any, other: Any) -> float | None:
    try:
        return abs(float(one) - float(other))
    except Exception:
        # They are no numbers.
        return None


def nearest(values: list[Any], value: Any) -> int:
    """The index of a value among others, or of the one that is nearest to it.

    Raises:
        ValueError: it is none of them, and they are no numbers.
    """
    best, least = None, None
    for index, one in enumerate(values):
        if are_equal(one, value):
            return index
        distance = _distance(one, value)
        if distance is None:
            continue
        if least is None or distance < least:
            best, least = index, distance
    if best is None:
        raise ValueError(f"{value!r} is none of the values of the slider, nor near one")
    return best


def _pair(value: Any) -> tuple[Any, Any]:
    try:
        low, high = value
    except (TypeError, ValueError):
        raise ValueError(f"a slider with two handles takes a pair of values, not {value!r}") from None
    return low, high


def _two(sent: Any) -> list[Any]:
    if not isinstance(sent, list) or len(sent) != 2:
        raise Refused(f"takes two numbers, not {sent!r}")
    return sent


class DiscreteSlider(Control):
    """A slider over values."""

    _KIND = "slider"

    def __init__(
        self,
        values: Any = (0, 1),
        default: Any = None,
        range_slider: bool = False,
        display_value: bool = True,
        label: Any = None,
    ) -> None:
        """
        Args:
            values: two or more, or pairs of a value and its label.
            default: one of them, or a number, for the nearest; with ``range_slider`` a pair. None for the first, or
                for all.
            range_slider: whether it has two handles; the function gets a pair of values then.
            display_value: whether its value is shown.
            label: what stands beside it.

        Raises:
            ValueError: there are fewer than two values, or ``default`` is none of them.
        """
        super().__init__(label)
        self.values, self._labels = labelled(values)
        if len(self.values) < 2:
            raise ValueError("a slider needs at least two values")
        self._is_range = bool(range_slider)
        self._shows = bool(display_value)
        self.state = (0, len(self.values) - 1) if self._is_range else 0
        if default is not None:
            self.assign(default)

    def _fields(self) -> dict[str, Any]:
        value = list(self.state) if self._is_range else self.state
        ends = {"min": 0, "max": len(self.values) - 1, "step": 1}
        return {"value": value, **ends, "labels": self._labels, "showsValue": self._shows}

    def checked(self, sent: Any) -> Any:
        count = len(self.values)
        if not self._is_range:
            return index_in(count, sent)
        return tuple(sorted(index_in(count, one) for one in _two(sent)))

    def assign(self, value: Any) -> None:
        if self._is_range:
            low, high = _pair(value)
            self.state = tuple(sorted((nearest(self.values, low), nearest(self.values, high))))
        else:
            self.state = nearest(self.values, value)

    def argument(self, evaluate: Evaluate) -> Any:
        if self._is_range:
            return self.values[self.state[0]], self.values[self.state[1]]
        return self.values[self.state]

    def shared(self) -> tuple[Any, ...]:
        return tuple(self.values[index] for index in (self.state if self._is_range else (self.state,)))

    def _told(self) -> str:
        if self._is_range:
            return f"({self._labels[self.state[0]]}, {self._labels[self.state[1]]})"
        return self._labels[self.state]


class Interval:
    """Where a slider without values of its own can be."""

    def __init__(self, interval: Any, steps: Any, stepsize: Any) -> None:
        low, high = _pair(interval)
        self.low, self.high = as_float(low, "the lower end of a slider"), as_float(high, "the upper end of a slider")
        if self.low > self.high:
            self.low, self.high = self.high, self.low
        if self.low == self.high:
            raise ValueError(f"a slider from {low!r} to {high!r} has no room to move")
        width = self.high - self.low
        size = as_float(stepsize or 0, "stepsize")
        count = int(steps or 0)
        self.step = size if 0 < size <= width else width / max(count, 1)

    def within(self, value: Any) -> float:
        """The number, or the end that is nearer to it."""
        return min(max(as_float(value, "the value of a slider"), self.low), self.high)

    def checked(self, sent: Any) -> float:
        """What was sent. Raises Refused when it is not within."""
        if not is_number(sent) or not self.low <= sent <= self.high:
            raise Refused(f"takes a number from {self.low!r} to {self.high!r}, not {sent!r}")
        return float(sent)

    def view(self) -> dict[str, Any]:
        """As the wire has it."""
        return {"min": self.low, "max": self.high, "step": self.step}


class ContinuousSlider(Control):
    """A slider over an interval. The function gets a float."""

    _KIND = "slider"

    def __init__(
        self,
        interval: Any = (0, 100),
        default: Any = None,
        steps: int = 250,
        stepsize: Any = 0,
        label: Any = None,
        range_slider: bool = False,
        display_value: bool = True,
        adapter: Callable[[Any], Any] | None = None,
    ) -> None:
        """
        Args:
            interval: its ends.
            default: a number; with ``range_slider`` a pair. None for the lower end, or both.
            steps: how many the interval is cut into.
            stepsize: how wide each is, instead. Numbers between can be typed.
            label: what stands beside it.
            range_slider: whether it has two handles; the function gets a pair then.
            display_value: whether its value is shown.
            adapter: makes the function's argument of the number or the pair.
        """
        super().__init__(label)
        self._interval = Interval(interval, steps, stepsize)
        self._is_range = bool(range_slider)
        self._shows = bool(display_value)
        self._adapter = adapter
        low, high = self._interval.low, self._interval.high
        self.state = (low, high) if self._is_range else low
        if default is not None:
            self.assign(default)

    def _fields(self) -> dict[str, Any]:
        value = list(self.state) if self._is_range else self.state
        return {"value": value, **self._interval.view(), "showsValue": self._shows}

    def checked(self, sent: Any) -> Any:
        if not self._is_range:
            return self._interval.checked(sent)
        return tuple(sorted(self._interval.checked(one) for one in _two(sent)))

    def assign(self, value: Any) -> None:
        if self._is_range:
            self.state = tuple(sorted(self._interval.within(one) for one in _pair(value)))
        else:
            self.state = self._interval.within(value)

    def argument(self, evaluate: Evaluate) -> Any:
        return self.state if self._adapter is None else self._adapter(self.state)

    def adapter_functions(self) -> tuple[Any, ...]:
        return () if self._adapter is None else (self._adapter,)
