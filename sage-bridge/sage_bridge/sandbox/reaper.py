# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends a session so that nothing of it is left, not even daemons that left its process group and ignore signals."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass

from . import cgroups, identity, kernel
from .kinship import children, descendants, is_alive

#: Rounds of "stop everyone, look again"; each takes well under a millisecond, a fork bomb needs a few dozen.
_ROUNDS = 200
_SECONDS = 1.0


def become_subreaper() -> None:
    """Orphans among the caller's descendants become its children, where they can be found. Linux only, else nothing."""
    with contextlib.suppress(OSError):
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def outer_pid(pidfd: int) -> int:
    """The process behind a descriptor as the caller's pid namespace numbers it; -1 if it is gone or not below it."""
    try:
        with open(f"/proc/self/fdinfo/{pidfd}", "rb") as file:
            for line in file:
                if line.startswith(b"Pid:"):
                    return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return -1


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def sweep(root: int, spare: Iterable[int] = (), seconds: float = _SECONDS) -> int:
    """Stops, then kills, all that descends from ``root``, and ``root`` unless it is the caller.

    Stopping first takes from them the chance to fork; a subtree whose top is in ``spare`` is left alone. Nobody may
    have waited for ``root`` yet.

    Returns:
        how many of them are still alive when the time is over.

    Raises:
        ValueError: ``root`` does not name a single ordinary process.
    """
    me = os.getpid()
    # 0 would be the caller's own group, -1 everybody.
    if root <= 1 and root != me:
        raise ValueError(f"no process to end has the id {root}")
    deadline = time.monotonic() + seconds
    stopped: set[int] = set()
    if root != me:
        _signal([root], signal.SIGSTOP)
    for _ in range(_ROUNDS):
        fresh = set(filter(is_alive, descendants(root))) - _spared(spare) - stopped - {me}
        if not fresh or time.monotonic() > deadline:
            break
        _signal(fresh, signal.SIGSTOP)
        stopped |= fresh
    doomed = stopped if root == me else stopped | {root}
    # Children before parents: an orphan would be handed to someone else while it is still alive.
    _signal(sorted(stopped, reverse=True), signal.SIGKILL)
    if root != me:
        _signal([root], signal.SIGKILL)
    while True:
        alive = [pid for pid in doomed if is_alive(pid)]
        if not alive or time.monotonic() > deadline:
            return len(alive)
        _signal(alive, signal.SIGKILL)
        time.sleep(0.0005)


def _spared(spare: Iterable[int]) -> set[int]:
    kept = set(spare)
    for pid in tuple(kept):
        kept.update(descendants(pid))
    return kept


@dataclass(frozen=True)
class Killed:
    """What ``Session.kill`` did: the means, in order; survivors (0 is the promise); seconds it took."""

    means: tuple[str, ...]
    survivors: int
    seconds: float


@dataclass(frozen=True)
class Session:
    """All that is known of one worker, for ending it.

    Attributes:
        pid: the worker, as the supervisor numbers it (``outer_pid``).
        uid: the session's own user id, or None if it shares the server's.
        group: its control group, or None.
        own_processes: the worker is the first process of its pid namespace.
        keeper: pid of the process the supervisor started as zygote (see ``keeper``), or None.
    """

    pid: int
    uid: int | None = None
    group: cgroups.Group | None = None
    own_processes: bool = False
    keeper: int | None = None

    def kill(self, known: Iterable[int] = (), pidfd: int | None = None) -> Killed:
        """Ends every process of the session; blocks for a few milliseconds, a second at the very most.

        Args:
            known: pids of the zygote and the other live workers; anything else that hangs directly below the keeper
                was left behind by a worker that died, and is killed as well.
            pidfd: descriptor of the worker; without it the pid must not have been waited for yet.
        """
        start = time.monotonic()
        means = []
        survivors = 0
        if self.group is not None and self.group.kill():
            means.append("cgroup")
        if self.own_processes:
            means.append("pid namespace")
            survivors = self._kill_first(pidfd)
        # Nothing of a session ever is outside its namespace, so the user id is for those that have none.
        if self.uid is not None and (survivors or not self.own_processes):
            means.append("user id")
            survivors = 0 if identity.kill_all_of(self.uid) else max(1, survivors)
        elif not self.own_processes:
            means.append("subreaper")
            if pidfd is None or not _readable(pidfd, 0):
                survivors = sweep(self.pid)
            if self.keeper is not None:
                survivors += _sweep_strays(self.keeper, {*known, self.pid})
        return Killed(tuple(means), survivors, time.monotonic() - start)

    def _kill_first(self, pidfd: int | None) -> int:
        """The kernel ends a pid namespace with its first process, which is gone only when all the others are."""
        try:
            if pidfd is not None and hasattr(signal, "pidfd_send_signal"):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return 0
        if pidfd is not None:
            return 0 if _readable(pidfd, _SECONDS) else 1
        deadline = time.monotonic() + _SECONDS
        while is_alive(self.pid):
            if time.monotonic() > deadline:
                return 1
            time.sleep(0.0005)
        return 0


def _readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _sweep_strays(keeper: int, known: set[int]) -> int:
    strays = set(filter(is_alive, children(keeper)))
    return sum(sweep(pid) for pid in strays - known - {os.getpid()})
