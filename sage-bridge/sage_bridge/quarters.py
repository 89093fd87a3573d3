# SPDX-License-Identifier: GPL-2.0-or-later
"""What a worker is given to live in, a directory, a user id and a control group, and how that is cleared."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Callable

from . import log, sandbox
from .limits import Quota
from .sandbox import levels

#: Longest such pause between two warnings of one kind, seconds.
_QUIET_SECONDS = 60.0


class Quarter:
    """One worker's. ``Quarters.assign`` makes it, ``Quarters.clear`` takes it back.

    Attributes:
        name: no other quarter's.
        directory: the worker's own; with mounts of its own it can't be seen from outside, and all have one path.
        uid: its user, or None if it shares the server's.
        group: its control group once it is in one, or None.
        moving: done when it is.
    """

    def __init__(self, name: str, directory: str, uid: int | None) -> None:
        self.name = name
        self.directory = directory
        self.uid = uid
        self.group: sandbox.Group | None = None
        self.moving: Future[None] | None = None

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel ended a process in it for want of memory."""
        return self.group is not None and self.group.out_of_memory()


class Quarters:
    """All quarters of one bridge.

    Attributes:
        plan: how workers are shut in.
        leavings: directories and control groups that must be removed when the bridge was killed.
    """

    def __init__(
        self, directory: str, plan: sandbox.Plan, hierarchies: sandbox.Hierarchies | None, quota: Quota
    ) -> None:
        """``directory``: the bridge's own. Raises LookupError when the machine has no user ids left."""
        self.plan = plan
        self.quota = quota
        self.is_visible = not plan.has(levels.MOUNT_NS)
        #: A worker is the first process of a pid namespace, which the kernel ends with it.
        self.dies_whole = plan.has(levels.PID_NS)
        self._directory = directory
        self._hierarchies = hierarchies if hierarchies is not None and hierarchies.kind != "none" else None
        groups = [*hierarchies.legacy.values(), hierarchies.unified] if hierarchies is not None else []
        self.leavings = (directory, *filter(None, groups))
        self._uids, self._claimed = sandbox.claim() if plan.has(levels.IDENTITY) else (None, None)
        if self.is_visible and self._uids is not None:
            # Users that are not the server's must get through to their own directories.
            os.chmod(directory, 0o711)  # noqa: S103
        self._loop = asyncio.get_running_loop()
        # Moving a process to a group, and removing one, can take the kernel many milliseconds.
        self._movers = ThreadPoolExecutor(2, "movers")
        self._undertakers = ThreadPoolExecutor(2, "undertakers")
        self._lookers = ThreadPoolExecutor(1, "lookers")
        self._count = 0
        self._warned = float("-inf")

    def assign(self) -> Quarter:
        """A new quarter. Raises LookupError when every user id is in use."""
        uid = self._uids.acquire() if self._uids is not None else None
        self._count += 1
        name = f"w{self._count}"
        if not self.is_visible:
            return Quarter(name, sandbox.session_directory(self._directory), uid)
        directory = os.path.join(self._directory, name)
        os.mkdir(directory, 0o700)
        return Quarter(name, directory, uid)

    def facts(self, quarter: Quarter) -> dict[str, Any]:
        """What the zygote must know of it, besides the plan."""
        return {
            "directory": quarter.directory,
            "uid": quarter.uid,
            "memory": self.quota.memory_bytes,
            "processes": self.quota.processes,
            "files": self.quota.open_files,
            "file_bytes": self.quota.disk_bytes,
        }

    def move_in(self, quarter: Quarter, pid: int, done: Callable[[bool], None]) -> None:
        """Puts the worker into a control group, if there are any; ``done`` gets whether all is as planned."""
        if self._hierarchies is None or not pid:
            done(True)
            return
        quarter.moving = self._movers.submit(self._move_in, quarter, pid)
        moved = asyncio.wrap_future(quarter.moving)
        moved.add_done_callback(lambda _: done(self._judge(moved.exception())))

    def _move_in(self, quarter: Quarter, pid: int) -> None:
        limits = sandbox.Limits(self.quota.memory_bytes, self.quota.processes, self.quota.processors)
        assert self._hierarchies is not None
        quarter.group = self._hierarchies.make(quarter.name, limits)
        quarter.group.attach(pid)

    def _judge(self, error: BaseException | None) -> bool:
        if error is None or isinstance(error, ProcessLookupError):
            # One that has died already needs no group.
            return True
        if self._loop.time() - self._warned > _QUIET_SECONDS:
            self._warned = self._loop.time()
            log.warn("a worker could not be put into its control group", reason=str(error))
        return self.plan.mode != "require"

    def kill(self, quarter: Quarter, pid: int, pidfd: int, known: list[int], keeper: int | None) -> None:
        """Ends the worker and all that it started; soon, where it takes more than one signal."""
        if self.dies_whole:
            try:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            except ProcessLookupError:
                pass
        else:
            self._undertakers.submit(self._session(quarter, pid, keeper).kill, known, pidfd)

    def _session(self, quarter: Quarter, pid: int, keeper: int | None) -> sandbox.Session:
        return sandbox.Session(pid, quarter.uid, quarter.group, self.dies_whole, keeper)

    def clear(
        self, quarter: Quarter, pid: int, pidfd: int, known: list[int], keeper: int | None, done: Callable[[], None]
    ) -> None:
        """Ends what the dead worker ``pid`` left, and removes its quarter; then ``done`` is called.

        ``pid`` 0: the worker never was.
        """
        if self.dies_whole and not self.is_visible and self._hierarchies is None:
            self._cleared(quarter, True)
            done()
            return
        session = self._session(quarter, pid, keeper) if pid and not self.dies_whole else None
        future = self._loop.run_in_executor(self._undertakers, self._clear, quarter, session, known, pidfd)

        def cleared(result: asyncio.Future[bool]) -> None:
            self._cleared(quarter, result.exception() is None and result.result())
            done()

        future.add_done_callback(cleared)

    def _clear(self, quarter: Quarter, session: sandbox.Session | None, known: list[int], pidfd: int) -> bool:
        if quarter.moving is not None:
            wait([quarter.moving])
        is_clear = session is None or session.kill(known, pidfd).survivors == 0
        if quarter.group is not None:
            quarter.group.remove()
        if self.is_visible:
            shutil.rmtree(quarter.directory, ignore_errors=True)
        return is_clear

    def _cleared(self, quarter: Quarter, is_clear: bool) -> None:
        if self._uids is not None and quarter.uid is not None:
            self._uids.release(quarter.uid, is_clear)

    def look(self, directory: str, exceeds: Callable[[str], None]) -> None:
        """Counts what lies in the directory; calls ``exceeds("files")`` if that is too much."""
        quota = self.quota
        looked = self._loop.run_in_executor(self._lookers, sandbox.usage, directory)

        def judge(result: asyncio.Future[sandbox.Usage]) -> None:
            if result.exception() is None and result.result().exceeds(quota.disk_bytes, quota.disk_files):
                exceeds("files")

        looked.add_done_callback(judge)

    def sweep(self) -> None:
        """Looks after ids in quarantine; to be called regularly."""
        if self._uids is not None and self._uids.status()["quarantined"]:
            self._uids.retry(1)

    def status(self) -> dict[str, Any]:
        """Counts of user ids, where there are any."""
        return self._uids.status() if self._uids is not None else {}

    def unenforced(self) -> list[dict[str, str]]:
        """Parts of the quota that this machine does not keep for each session alone, by their names on the wire."""
        plan, gaps = self.plan, {}
        if not plan.has(levels.CGROUP_CPU):
            gaps["processors"] = plan.reason(levels.CGROUP_CPU)
        if not plan.has(levels.CGROUP_PIDS) and plan.reason(levels.RLIMITS):
            gaps["processes"] = plan.reason(levels.RLIMITS)
        if not plan.has(levels.QUOTA) and not self.is_visible:
            gaps["diskBytes"] = gaps["files"] = plan.reason(levels.QUOTA)
        return [{"limit": limit, "reason": reason} for limit, reason in gaps.items()]

    def close(self) -> None:
        """Waits for what is being cleared. Nothing can be assigned afterwards."""
        self._lookers.shutdown()
        self._movers.shutdown()
        self._undertakers.shutdown()
        if self._claimed is not None:
            self._claimed.close()
