# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux processes seen from outside: their clocks, their memory, their ends. Only pids the caller owns."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from .sandbox import descendants

_PAGE = os.sysconf("SC_PAGESIZE")


def _checked(pid: int) -> int:
    # 0 would be the caller's own group, -1 everybody.
    if pid <= 1:
        raise ValueError(f"no process to signal has the id {pid}")
    return pid


def send(pid: int, number: int) -> bool:
    """Sends a signal; False when the process is gone.

    Raises:
        ValueError: ``pid`` does not name a single ordinary process.
    """
    _checked(pid)
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def send_group(pid: int, number: int) -> None:
    """Sends a signal to the group ``pid`` leads, or to ``pid`` alone before it leads one."""
    try:
        os.killpg(_checked(pid), number)
    except ProcessLookupError:
        send(pid, number)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all its threads; 0 when it is gone."""
    try:
        # The kernel's own numbering of another process's clock (CPUCLOCK_SCHED of the pid).
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


class Resident:
    """Memory of a process and all below it, above what it shares with the template it was forked from.

    Parts that are still shared count as the template's; a program that was started counts whole.
    """

    def __init__(self) -> None:
        self._size = self._own = 0

    def measure(self, pid: int) -> int:
        """Bytes now. The first call counts what is there as the template's."""
        if not self._size:
            self._size, self._own = _memory(pid)
            return 0
        total = 0
        for one in (pid, *descendants(pid)):
            size, own = _memory(one)
            # What was forked from the worker has all that the worker has mapped.
            total += max(0, own - self._own) if size >= self._size else own
        return total


def _memory(pid: int) -> tuple[int, int]:
    """Bytes of address space, and of memory that is not a file's."""
    try:
        size, resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[:3]
    except (OSError, ValueError):
        return 0, 0
    return int(size) * _PAGE, (int(resident) - int(shared)) * _PAGE


def available_memory() -> int | None:
    """Bytes that programs can have before the machine runs short; None when it does not tell."""
    try:
        text = Path("/proc/meminfo").read_text()
        return int(text.partition("MemAvailable:")[2].split(None, 1)[0]) * 1_024
    except (OSError, ValueError, IndexError):
        return None


def explain(status: int | None) -> str:
    """One sentence on how a process ended, from its wait status."""
    if status is None:
        return "Its process ended; how is not known."
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name if number in {one.value for one in signal.Signals} else str(number)
        hints = {
            signal.SIGKILL: "; the usual cause is that the machine ran out of memory",
            signal.SIGSEGV: ", a crash in compiled code",
            signal.SIGABRT: ", a crash in compiled code",
        }
        return f"Its process was ended by signal {name}{hints.get(number, '')}."
    return f"Its process ended itself with exit code {os.WEXITSTATUS(status)}."
