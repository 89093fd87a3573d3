# SPDX-License-Identifier: GPL-2.0-or-later
"""Entering the sandbox for practice, in the zygote, with all that would change a process left out.

The interpreter adapts code to what it meets and remembers where it found names. What it does so in the zygote it need
not do in every fork, where each page that it writes to becomes memory of the worker's own.
"""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Callable, Iterator
from typing import Any

from . import keeper, kernel

#: Rounds after which the interpreter (3.11 to 3.14) has adapted what it will.
ROUNDS = 12
#: A user that nobody is, for practice.
_NOBODY = 65_534


def _nothing(*_arguments: Any, **_options: Any) -> None:
    pass


def _stand_ins(null: int) -> dict[tuple[Any, str], Callable[..., Any]]:
    """(module, name) → what is called instead; ``null`` is the only file there is."""
    # Takes any arguments, does nothing and returns 0.
    harmless = getattr(kernel._libc, "sched_yield", None)
    return {
        (kernel, "_function"): lambda _name: harmless,
        (resource, "setrlimit"): _nothing,
        (os, "open"): lambda *_arguments, **_options: null,
        (os, "close"): _nothing,
        (os, "write"): lambda _descriptor, data: len(data),
        (os, "setresuid"): _nothing,
        (os, "setresgid"): _nothing,
        (os, "getresuid"): lambda: (_NOBODY, _NOBODY, _NOBODY),
        (os, "getresgid"): lambda: (_NOBODY, _NOBODY, _NOBODY),
        **{(os, name): _nothing for name in ("setsid", "umask", "mkdir", "chown", "chdir", "setgroups")},
    }


@contextlib.contextmanager
def without_effect() -> Iterator[None]:
    """In the block, system calls of this package's that would change the process do nothing."""
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    own_pid_namespace = keeper.own_pid_namespace
    stand_ins = _stand_ins(null)
    originals = {(module, name): getattr(module, name) for module, name in stand_ins}
    try:
        for (module, name), stand_in in stand_ins.items():
            setattr(module, name, stand_in)
        yield
    finally:
        for (module, name), original in originals.items():
            setattr(module, name, original)
        keeper.own_pid_namespace = own_pid_namespace
        os.close(null)


def practise(enter: Callable[[str, int], None]) -> None:
    """Calls ``enter`` with a directory, that of the zygote, and a user id, often enough."""
    if kernel._libc is None or not kernel.LINUX:
        return
    home = os.environ.get("HOME", "/")
    with without_effect():
        for _ in range(ROUNDS):
            enter(home, _NOBODY)
