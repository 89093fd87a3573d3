# SPDX-License-Identifier: GPL-2.0-or-later
"""What modules do around a fork, left out where it is known to be of no use: it would touch memory in every worker.

``keep_quiet()`` is called before anything else is imported. Every hook that modules register from then on is still
run around forks of the reader's code; around the zygote's own it is run unless its module is listed here.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable

#: Each with the reason. The zygote has one thread, so no lock is held by another when it forks.
_NEEDLESS = frozenset(
    (
        "random",  # a worker is given seeds of its own
        "threading",  # there is only the main thread, and it stays what it is
        "logging",  # no other thread holds its lock
        "concurrent.futures.thread",  # as above
        "matplotlib.font_manager",  # its cache is empty when the zygote forks
    )
)


class _Hooks:
    """Those of one moment, in the order they are to be run."""

    def __init__(self) -> None:
        self.all: list[Callable[[], Any]] = []
        self.needed: list[Callable[[], Any]] = []

    def add(self, hook: Callable[[], Any], is_needless: bool, at_front: bool = False) -> None:
        for hooks in (self.all,) if is_needless else (self.all, self.needed):
            hooks.insert(0 if at_front else len(hooks), hook)

    def run(self) -> None:
        for hook in self.needed if _is_parking else self.all:
            try:
                hook()
            except Exception as error:
                # As the interpreter does it: no hook can prevent a fork.
                sys.stderr.write(f"ignored in a hook around fork: {error!r}\n")


_is_parking = False


def keep_quiet() -> None:
    """From here on modules register their hooks with this one. For the zygote, once."""
    early, in_parent, in_child = _Hooks(), _Hooks(), _Hooks()
    os.register_at_fork(before=early.run, after_in_parent=in_parent.run, after_in_child=in_child.run)

    def register_at_fork(
        *,
        before: Callable[[], Any] | None = None,
        after_in_parent: Callable[[], Any] | None = None,
        after_in_child: Callable[[], Any] | None = None,
    ) -> None:
        is_needless = sys._getframe(1).f_globals.get("__name__") in _NEEDLESS
        if before is not None:
            early.add(before, is_needless, at_front=True)
        if after_in_parent is not None:
            in_parent.add(after_in_parent, is_needless)
        if after_in_child is not None:
            in_child.add(after_in_child, is_needless)

    os.register_at_fork = register_at_fork


def park() -> int:
    """``os.fork()`` without the needless hooks; later forks, in the child as in the parent, run them again."""
    global _is_parking
    _is_parking = True
    try:
        return os.fork()
    finally:
        _is_parking = False
