# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a running execution keeps its limits, and in which words it is told that it did not."""

from __future__ import annotations

from typing import Any

from . import processes, sandbox
from .execution import Execution
from .limits import CPU_CHECK_SECONDS, MEBIBYTE, Quota, RunLimits
from .remote import RemoteWorker

#: Reached in one go, so there is nothing to be interrupted: the process is ended.
FATAL = frozenset(("memory", "files"))

_FILES = ("[Errno 24]", "[Errno 27]", "[Errno 28]", "[Errno 122]")
_PROCESSES = ("[Errno 11]", "can't start new thread")


def limit_of(error: dict[str, Any]) -> str | None:
    """The limit that an ``error`` output tells of, as the kernel reports it to the code: EMFILE, ENOSPC, EAGAIN …"""
    name, message = error.get("name"), str(error.get("message"))
    if name == "MemoryError":
        return "memory"
    if name == "OSError" and message.startswith(_FILES):
        return "files"
    if name in ("BlockingIOError", "RuntimeError") and message.startswith(_PROCESSES):
        return "processes"
    return None


class Watchdog:
    """Looks at one worker from outside."""

    def __init__(self, worker: RemoteWorker, quota: Quota, watches_memory: bool) -> None:
        """``watches_memory``: nobody else does. To be made when the worker has not run anybody's code yet."""
        self._worker = worker
        self._quota = quota
        self._watches_memory = watches_memory
        if watches_memory:
            worker.memory_bytes()

    def begin(self, execution: Execution, now: float) -> None:
        """The execution starts."""
        execution.started = execution.checked = now
        execution.cpu_started = self._worker.cpu_seconds()

    def breach(self, execution: Execution, now: float) -> str | None:
        """The limit that has been reached, or None."""
        limits = execution.limits
        if (now - execution.started) * 1_000 > limits.wall_ms:
            return "wall"
        if now - execution.checked > CPU_CHECK_SECONDS:
            execution.checked = now
            below = sum(map(processes.cpu_seconds, sandbox.descendants(self._worker.pid)))
            execution.cpu_children = max(execution.cpu_children, below)
            if self._watches_memory and self._worker.memory_bytes() > self._quota.memory_bytes:
                return "memory"
        cpu = self._worker.cpu_seconds() - execution.cpu_started + execution.cpu_children
        return "cpu" if cpu * 1_000 > limits.cpu_ms else None

    def left(self, execution: Execution, now: float) -> dict[str, float]:
        """Time and processor time the execution has before it is stopped; all of it while it waits."""
        limits = execution.limits
        if not execution.started:
            return limits.report()
        cpu = self._worker.cpu_seconds() - execution.cpu_started + execution.cpu_children
        wall = now - execution.started
        return RunLimits(max(0.0, limits.wall_ms - wall * 1_000), max(0.0, limits.cpu_ms - cpu * 1_000)).report()

    def sentence(self, execution: Execution, limit: str) -> str:
        """What the reader is told."""
        limits, quota = execution.limits, self._quota
        return {
            "wall": f"Stopped: it took longer than {limits.wall_ms / 1_000:g} s.",
            "cpu": f"Stopped: it used more than {limits.cpu_ms / 1_000:g} s of processor time.",
            "memory": f"Ended: it used more than {quota.memory_bytes // MEBIBYTE} MiB of memory.",
            "files": (
                f"Ended: its files took more than {quota.disk_bytes // MEBIBYTE} MiB,"
                f" or there were more than {quota.disk_files}."
            ),
        }[limit]
