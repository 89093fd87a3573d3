# SPDX-License-Identifier: GPL-2.0-or-later
"""Sizes and times. Those in the first group are the wire contract's and have its names and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PROTOCOL_VERSION = 1
MAX_STREAM_LENGTH = 32_768
MAX_OUTPUT_MESSAGE_BYTES = 8_388_608
MAX_EXECUTION_OUTPUT_BYTES = 10_485_760
MAX_EXECUTION_MESSAGES = 10_000
MAX_FRAME_BYTES = 16_777_216
MAX_COMPLETIONS = 500
SESSION_GRACE_MS = 120_000
INTERRUPT_GRACE_MS = 2_000

#: Output of one session kept until it is acknowledged, bytes: several plots fit, a thousand sessions stay affordable.
SESSION_BUFFER_BYTES = 4_194_304
#: Executions of one session that may wait, so that a runaway page can't fill the memory.
MAX_WAITING_EXECUTIONS = 256
#: Execution names remembered to recognise a repeated request.
MAX_REMEMBERED_EXECUTIONS = 1_024
#: How often a running worker's text is collected, seconds: below what an eye notices.
TICK_SECONDS = 0.02
#: How long an execution waits, or runs, before it is told that it does: what is over sooner is not worth a message.
TOLD_AFTER_SECONDS = 0.015
#: How often its processor time is looked at, seconds.
CPU_CHECK_SECONDS = 0.25
#: Time a completion or an inspection may take, seconds.
INTROSPECTION_SECONDS = 1.0
#: Time a new link has to say who it is, seconds.
AUTH_SECONDS = 10.0
#: What a refused client is told to wait, milliseconds.
RETRY_AFTER_MS = 1_000


@dataclass(frozen=True)
class RunLimits:
    """What one execution may take, milliseconds."""

    wall_ms: float
    cpu_ms: float

    def lowered(self, asked: dict[str, Any] | None) -> RunLimits:
        """These limits, lowered to what a request asks for; never raised."""
        if not asked:
            return self
        return RunLimits(
            min(self.wall_ms, asked.get("wallMs", self.wall_ms)),
            min(self.cpu_ms, asked.get("cpuMs", self.cpu_ms)),
        )

    def report(self) -> dict[str, float]:
        """As the wire writes them."""
        return {"wallMs": round(self.wall_ms, 3), "cpuMs": round(self.cpu_ms, 3)}


MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Quota:
    """What one session may hold at a time.

    Attributes:
        memory_bytes: of all its processes together, files in its directory included where those lie in memory.
        processes: how many, threads included.
        processors: their share; 1.0 is one core.
        disk_bytes: of its files.
        disk_files: how many.
        open_files: of one process.
    """

    memory_bytes: int = 1_024 * MEBIBYTE
    processes: int = 64
    processors: float = 1.0
    disk_bytes: int = 64 * MEBIBYTE
    disk_files: int = 2_048
    open_files: int = 256


@dataclass(frozen=True)
class Settings:
    """What the operator chose; times in seconds unless the name says otherwise.

    Attributes:
        pool: workers kept ready.
        max_sessions: most sessions at a time, stateless ones included.
        max_waiting: most requests that wait for a worker.
        wait: longest such wait.
        stateless: limits of an execution without a session.
        session: limits of each execution in a session.
        idle: a session without an execution for so long is ended.
        lifetime: a session is ended at this age.
        grace: a session without a link for so long is ended.
        quota: what each session may hold.
        reserve_bytes: no worker is given out while the machine has less memory available.
    """

    pool: int = 4
    max_sessions: int = 64
    max_waiting: int = 64
    wait: float = 10.0
    stateless: RunLimits = RunLimits(30_000, 5_000)
    session: RunLimits = RunLimits(300_000, 30_000)
    idle: float = 900.0
    lifetime: float = 3_600.0
    grace: float = SESSION_GRACE_MS / 1_000
    quota: Quota = Quota()
    reserve_bytes: int = 256 * MEBIBYTE

    def report(self, unenforced: list[dict[str, str]]) -> dict[str, Any]:
        """What relays are told of limits; ``unenforced``: those this machine does not keep, and why."""
        return {
            "stateless": self.stateless.report(),
            "session": self.session.report(),
            "idleMs": round(self.idle * 1_000),
            "lifetimeMs": round(self.lifetime * 1_000),
            "graceMs": round(self.grace * 1_000),
            "memoryBytes": self.quota.memory_bytes,
            "diskBytes": self.quota.disk_bytes,
            "files": self.quota.disk_files,
            "processes": self.quota.processes,
            "processors": self.quota.processors,
            "unenforced": unenforced,
        }
