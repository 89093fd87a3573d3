# SPDX-License-Identifier: GPL-2.0-or-later
"""How long code takes, and what of it, in the words of Sage's notebook."""

from __future__ import annotations

import io
import os
import time
from contextlib import contextmanager
from typing import Any, Iterator

#: Most functions that a profile names.
_MOST_FUNCTIONS = 30
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
#: What ``%timeit`` can be told.
TIMEIT_OPTIONS = frozenset({"number", "repeat", "precision", "seconds"})


@contextmanager
def timed() -> Iterator[list[str]]:
    """Afterwards the list holds one line: processor time, that of ended programs included, and time on the wall."""
    report: list[str] = []
    before = os.times()
    wall, cpu = time.perf_counter(), time.process_time()
    yield report
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = os.times()
    cpu += sum(after[2:4]) - sum(before[2:4])
    report.append(f"CPU time: {cpu:.2f} s, Wall time: {wall:.2f} s")


def best_of(code: str, namespace: dict[str, Any], preparse: bool, options: dict[str, Any]) -> Any:
    """Runs code many times; how often, and the shortest time, as text that Sage makes of it."""
    from sage.misc.sage_timeit import sage_timeit

    # Numbers of Sage's are no counters of Python's.
    plain = {name: bool(value) if name == "seconds" else int(value) for name, value in options.items()}
    text = "\n".join(line for line in code.split("\n") if line.strip())
    return sage_timeit(text, namespace, preparse=preparse, **plain)


@contextmanager
def profiled() -> Iterator[list[str]]:
    """Afterwards the list holds a text: the functions that took the most time, with those they called."""
    # As large as their import are they, and seldom asked for.
    import cProfile
    import pstats

    report: list[str] = []
    # The clock is named so that a run with times in its output is seen to be one.
    profile = cProfile.Profile(time.perf_counter)
    profile.enable()
    try:
        yield report
    finally:
        profile.disable()
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    for function in [one for one in stats.stats if one[0].startswith(_HERE)]:  # type: ignore[attr-defined]
        del stats.stats[function]  # type: ignore[attr-defined]
    stats.strip_dirs().sort_stats("cumulative").print_stats(_MOST_FUNCTIONS)
    report.append(text.getvalue().strip())
