# SPDX-License-Identifier: GPL-2.0-or-later
"""The process above the zygote that makes everything end with the supervisor and nothing with the zygote.

``PR_SET_PDEATHSIG`` alone can't: in a worker it would fire at the zygote's death, it is tied to the thread that forked,
and grandchildren do not have it. So the process that the supervisor starts does not become the zygote itself::

    supervisor ── keeper ── [first process of a pid namespace] ── zygote ── workers

The keeper holds nothing but the reading end of a pipe whose other end only the supervisor has. When that closes, or
when the keeper is killed, the first process dies and the kernel ends its whole namespace. Without a pid namespace the
keeper stops and kills all its descendants instead. Then it removes what the supervisor can't remove any more. If the
zygote dies, the workers are handed to the process above it and live on; that one collects them and tells how each
ended, and the keeper ends when the last of them has.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import time
from collections.abc import Iterable

from . import descriptors, kernel, levels, namespaces, reaper
from .plan import Plan

#: Read by ``entry.fork``: a descriptor of the zygote's own pid namespace, or None.
own_pid_namespace: int | None = None
#: Whether this process, or the one it was forked from, came out of ``prepare_zygote``.
prepared = False


#: Longest the keeper tries to remove what a dead supervisor left, seconds.
_REMOVING_SECONDS = 5.0


def prepare_zygote(
    plan: Plan, lifeline: int | None = None, deaths: int | None = None, leavings: Iterable[str] = ()
) -> None:
    """Turns the calling process into the keeper and returns in a descendant of it, the zygote.

    Call first, before Sage is imported, while there is one thread; the working directory and the open descriptors stay
    as they are (the keeper closes its own copies, so the other ends see the zygote's end). Afterwards the zygote is in
    an empty network, with the read-only root as its root and, below ``plan.scratch`` and ``/tmp``, empty writable
    directories; its ``HOME`` is made anew there. It must never run user code itself.

    The pid of the process that the supervisor started is the keeper's: killing it ends everything; its end means that
    zygote and workers are gone. That the zygote is gone is seen on the zygote's own socket. Inside a pid namespace the
    zygote numbers processes differently: see ``reaper.outer_pid``.

    Args:
        plan: as made by the supervisor.
        lifeline: reading end of a pipe of which only the supervisor has the writing end; closed here. Without it
            everything ends with the *thread* that started this process.
        deaths: writing end of a pipe; closed here. Of each process that is collected after the zygote's end, its pid
            in the zygote's numbering and its wait status, in decimal on a line.
        leavings: directories and control groups to be removed when the supervisor has gone.

    Raises:
        OSError: a namespace that the trial allowed is refused now. The caller must end.
    """
    global own_pid_namespace, prepared
    if not kernel.LINUX:
        return
    supervisor = os.getppid()
    if lifeline is None:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(0)
    reaper.become_subreaper()
    mounts, processes = plan.has(levels.MOUNT_NS), plan.has(levels.PID_NS)
    home = os.environ.get("HOME")
    if plan.has(levels.USER_NS):
        namespaces.map_user()
    if processes:
        kernel.unshare(kernel.CLONE_NEWPID)
    born, keeper_end = os.pipe()
    pid = os.fork()
    if pid:
        _keep(pid, lifeline, processes, keeper_end, deaths, tuple(leavings))
    os.close(keeper_end)
    if lifeline is not None:
        os.close(lifeline)
    _die_with_parent(born)
    if plan.has(levels.NET_NS):
        kernel.unshare(kernel.CLONE_NEWNET)
    if mounts:
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
        socket.sethostname("sage")
        namespaces.build_root((*plan.read, *plan.zygote_read), plan.mounted(), processes)
        if home is not None and any(home.startswith(s + "/") for s in plan.mounted()):
            os.makedirs(home, exist_ok=True)
    if processes:
        born, first_end = os.pipe()
        pid = os.fork()
        if pid:
            _be_first(pid, first_end, deaths)
        os.close(first_end)
        _die_with_parent(born)
        own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    if deaths is not None:
        os.close(deaths)
    if plan.has(levels.IDENTITY):
        kernel.drop_bounding_set()
    prepared = True
    with contextlib.suppress(OSError):
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def _die_with_parent(born: int) -> None:
    """Has the kernel kill this process with its parent, also if that died before it could ask for it."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    poll = select.poll()
    poll.register(born, 0)
    gone = bool(poll.poll(0))
    os.close(born)
    if gone:
        os._exit(0)


def _drop_everything(keep: list[int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    descriptors.close_all_but([0, 1, 2, *keep])


def _exit_as(status: int) -> None:
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def _tell(deaths: int | None, pid: int, status: int) -> None:
    if deaths is not None:
        # A full pipe is one that nobody reads.
        with contextlib.suppress(OSError):
            os.write(deaths, f"{pid} {status}\n".encode())


def _remove(paths: Iterable[str]) -> None:
    """Removes directories and control groups; a group may still hold processes that are about to die."""
    deadline = time.monotonic() + _REMOVING_SECONDS
    left = list(paths)
    while left:
        for path in left:
            if os.path.exists(os.path.join(path, "cgroup.procs")):
                with contextlib.suppress(OSError):
                    for entry in [e.path for e in os.scandir(path) if e.is_dir(follow_symlinks=False)]:
                        os.rmdir(entry)
                    os.rmdir(path)
            else:
                shutil.rmtree(path, ignore_errors=True)
        left = [path for path in left if os.path.exists(path)]
        if time.monotonic() > deadline:
            return
        if left:
            time.sleep(0.02)


def _be_first(zygote: int, end: int, deaths: int | None) -> None:
    """The first process of the namespace: collects the dead, its own and adopted ones. Never returns."""
    _drop_everything([end] if deaths is None else [end, deaths])
    last = 0
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            _exit_as(last)
        except InterruptedError:
            continue
        if pid == zygote:
            last = status
        else:
            _tell(deaths, pid, status)


def _keep(
    child: int, lifeline: int | None, whole: bool, end: int, deaths: int | None, leavings: tuple[str, ...]
) -> None:
    """Waits for the supervisor's end or for the last descendant's. Never returns.

    ``whole``: killing ``child`` ends all there is.
    """
    wake, signalled = os.pipe()
    for descriptor in (wake, signalled):
        os.set_blocking(descriptor, False)
    _drop_everything([d for d in (lifeline, wake, signalled, end, deaths) if d is not None])
    with contextlib.suppress(OSError):
        # Whatever it is in may be removed.
        os.chdir("/")
    signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(wake, select.POLLIN)
    if lifeline is not None:
        poll.register(lifeline, select.POLLIN)
    last = 0
    while True:
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == child:
                    last = status
                else:
                    _tell(deaths, pid, status)
        except ChildProcessError:
            _exit_as(last)
        ready = [descriptor for descriptor, _ in poll.poll()]
        if wake in ready:
            with contextlib.suppress(OSError):
                os.read(wake, 4096)
        if lifeline in ready:
            if whole:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            else:
                reaper.sweep(os.getpid())
            _remove(leavings)
            os._exit(0)
