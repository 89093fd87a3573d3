# SPDX-License-Identifier: GPL-2.0-or-later
"""``os.system``, except that an interrupt stops it whenever it comes.

The C function ignores the signal from before there is a command until that has ended: an interrupt that comes while
the command is being started is lost, and so is one of a loop of commands.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
from typing import Any

from .channel import Guard


def install(guard: Guard) -> None:
    """Replaces ``os.system`` in this process for good; ``guard`` is the one that puts interrupts off."""
    original = os.system

    @functools.wraps(original)
    def system(command: Any) -> int:
        process = None
        try:
            # Between the fork and the assignment an exception would leave a command that nobody knows of.
            with guard.held():
                process = subprocess.Popen(command, shell=True)  # noqa: S602
            code = process.wait()
        except BaseException:
            if process is not None:
                process.kill()
                process.wait()
            raise
        if code == -signal.SIGINT:
            raise KeyboardInterrupt
        # As the C function returns it: a wait status.
        return -code if code < 0 else code << 8

    os.system = system
