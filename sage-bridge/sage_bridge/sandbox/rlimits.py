# SPDX-License-Identifier: GPL-2.0-or-later
"""Resource limits of the kernel, per process: the floor under every other limit."""

from __future__ import annotations

import os
import resource

from .seeds import gap_started

MIB = 1 << 20
#: Room for a session's own memory above what the template has mapped, bytes.
MEMORY_BYTES = 2048 * MIB
#: What GAP reserves (without using it) when first started in a process: measured 4.2 GB of VmData.
GAP_RESERVE_BYTES = 4608 * MIB
#: Ten would break GAP's saved workspace.
FILE_BYTES = 64 * MIB
OPEN_FILES = 256
PROCESSES = 64
STACK_BYTES = 64 * MIB
_PAGE = resource.getpagesize()

#: Bytes mapped in the zygote, and GAP's reserve; None before they were measured.
_template: int | None = None


def mapped_bytes() -> int:
    """Size of the calling process's address space; 0 where ``/proc`` does not tell."""
    try:
        descriptor = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return int(os.read(descriptor, 256).split()[0]) * _PAGE
        finally:
            os.close(descriptor)
    except (OSError, ValueError, IndexError):
        return 0


def processes_of(uid: int, most: int = 20_000) -> int:
    """Processes (not threads) of ``uid`` that ``/proc`` shows, looking at ``most`` at most."""
    count = 0
    try:
        with os.scandir("/proc") as entries:
            for seen, entry in enumerate(entries):
                if seen >= most:
                    break
                if entry.name.isdigit():
                    try:
                        count += entry.stat().st_uid == uid
                    except OSError:
                        continue
    except OSError:
        return 0
    return count


def measure_template() -> None:
    """Notes, in the zygote, what is mapped: the same as in a fork of it."""
    global _template
    _template = _needed()


def _needed() -> int:
    return mapped_bytes() + (0 if gap_started() else GAP_RESERVE_BYTES)


def address_space(memory: int) -> int:
    """The limit in bytes that leaves ``memory`` bytes above what is mapped now, and GAP its reserve.

    A fixed limit would be below what a warmed template has mapped already, and then no library loads any more.
    """
    return (_needed() if _template is None else _template) + memory


def table(memory: int, processes: int, files: int, file_bytes: int) -> dict[str, int]:
    """Name of each limit (without ``RLIMIT_``) and its value; CPU time is the supervisor's to watch."""
    return {
        "AS": address_space(memory),
        "FSIZE": file_bytes,
        "NOFILE": files,
        "NPROC": processes,
        "STACK": STACK_BYTES,
        "CORE": 0,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
        "SIGPENDING": 1024,
        "RTPRIO": 0,
        "NICE": 0,
    }


def apply(limits: dict[str, int]) -> None:
    """Sets each limit, soft and hard, never above the present hard one; those unknown here are passed over.

    Raises:
        OSError, ValueError: the kernel refused a limit it knows.
    """
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(number, (value, value))
