# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that the reader's code waits for; ``os.system`` among them.

An interrupt stops them whenever it comes: while one is being started, and in a loop of commands. The C function
``system`` ignores the signal from before there is a command until that has ended.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
from typing import Any

from .channel import Guard

#: How long a program that was interrupted may take to end by itself, seconds.
_GRACE = 0.2

_guard = Guard()


def run(command: Any, **options: Any) -> int:
    """Runs a program, given as to ``Popen``, to its end; its exit status, or minus the signal that ended it.

    Raises:
        KeyboardInterrupt: the run was interrupted, or the program alone. It has ended.
        OSError: it could not be started.
    """
    process = None
    try:
        # Between the fork and the assignment an exception would leave a program that nobody knows of.
        with _guard.held():
            process = subprocess.Popen(command, **options)  # noqa: S603
        status = process.wait()
    except BaseException:
        if process is not None:
            _end(process)
        raise
    if status == -signal.SIGINT:
        raise KeyboardInterrupt
    return status


def _end(process: subprocess.Popen) -> None:
    # The signal went to the whole group; what ignores it does not outlive the run.
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()
        process.wait()


def install(guard: Guard) -> None:
    """Replaces ``os.system`` in this process for good; ``guard`` is the one that puts interrupts off."""
    global _guard
    _guard = guard

    @functools.wraps(os.system)
    def system(command: Any) -> int:
        status = run(command, shell=True)  # noqa: S604
        # As the C function returns it: a wait status.
        return -status if status < 0 else status << 8

    os.system = system
