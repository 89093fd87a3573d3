# SPDX-License-Identifier: GPL-2.0-or-later
"""How long code takes, in the words of Sage's notebook."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import Any, Iterator

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
