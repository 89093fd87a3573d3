# SPDX-License-Identifier: GPL-2.0-or-later
"""From the zygote into a worker's sandbox: the fork, and what the child does to itself before any user code."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from . import (
    descriptors,
    home,
    identity,
    keeper,
    kernel,
    landlock,
    levels,
    namespaces,
    reaper,
    rehearsal,
    rlimits,
    seccomp,
    seeds,
)
from .plan import Plan
from .reach import devices, readable, shortest

#: Trees that exist, filled in the zygote; None before.
_readable: tuple[str, ...] | None = None
#: What ``_remembered`` found, filled in the zygote.
_kept: list[str] = []
#: (egress, local) → the compiled filter; filled in the zygote.
_filters: dict[tuple[bool, bool], bytes | None] = {}


@dataclass(frozen=True)
class WorkerFacts:
    """What differs from one worker to the next.

    Attributes:
        directory: the session's own, absolute, below ``plan.scratch``. With a read-only root it is made here, inside a
            file system that ends with the worker, and nothing of it can be seen from outside; otherwise it must exist.
        keep: descriptors to keep besides 0, 1 and 2.
        uid: from ``identity.UidPool``; needed if the plan enforces ``own-user``, else ignored.
        memory: bytes of address space above what is mapped already.
        processes: most processes (and threads) of the session.
        files: most open descriptors of a process.
        file_bytes: largest file.
        reseed: give every loaded random source a state of its own.
    """

    directory: str
    keep: tuple[int, ...] = ()
    uid: int | None = None
    memory: int = rlimits.MEMORY_BYTES
    processes: int = rlimits.PROCESSES
    files: int = rlimits.OPEN_FILES
    file_bytes: int = rlimits.FILE_BYTES
    reseed: bool = True


def fork(plan: Plan, make: Callable[[], int] = os.fork) -> int:
    """``make()``, which forks, the child being the first process of a new pid namespace where the plan has one.

    The zygote steps out and back again, so it costs no second fork. The pid returned is in the zygote's numbering: good
    for ``waitpid`` there; hand the supervisor an ``os.pidfd_open`` of it.

    Raises:
        OSError: no process could be made; the zygote is as before.
    """
    home = keeper.own_pid_namespace
    if home is None or not plan.has(levels.PID_NS):
        return make()
    kernel.unshare(kernel.CLONE_NEWPID)
    pid = -1
    try:
        pid = make()
    finally:
        if pid:
            kernel.setns(home, kernel.CLONE_NEWPID)
    return pid


def _filter(plan: Plan) -> bytes | None:
    kind = (plan.egress, plan.has(levels.MOUNT_NS))
    if kind not in _filters:
        _filters[kind] = seccomp.compile_filter(egress=kind[0], local=kind[1])
    return _filters[kind]


def session_directory(scratch: str) -> str:
    """Where a worker with mounts of its own is best given its directory: the zygote has been told of it."""
    return os.path.join(scratch, "session")


def warm(plan: Plan) -> None:
    """Does now, in the zygote, once all is imported and warmed, what each worker would have to do by itself."""
    global _readable, _kept
    _kept = _remembered()
    _readable = shortest(os.path.realpath(path) for path in readable(plan) if os.path.exists(path))
    _filter(plan)
    home.find_mentions()
    seeds.look_for_gap()
    rlimits.measure_template()
    if plan.has(levels.MOUNT_NS) and plan.scratch is not None:
        home.move_ahead(session_directory(plan.scratch))
    rehearsal.practise(lambda directory, uid: enter(plan, WorkerFacts(directory, uid=uid)))


def enter(plan: Plan, facts: WorkerFacts) -> None:
    """Shuts the calling process in, for good. First thing in the child of ``fork``, while it has one thread.

    Afterwards: a session of its own (``setsid``), only the kept descriptors, the working directory, ``HOME``,
    ``TMPDIR`` and what loaded modules remember of them point into ``facts.directory``; fresh random numbers.
    Import before the fork what will be needed: this package can't be read any more.

    Raises:
        OSError, ValueError: a layer was refused.
        RuntimeError: ``prepare_zygote`` was not called. In any case the caller must end at once (``os._exit``) and
            must not run user code.
    """
    if plan.has(levels.MOUNT_NS) and not keeper.prepared:
        raise RuntimeError("the zygote was not prepared, so its root is the machine's")
    program = _filter(plan)
    try:
        os.setsid()
    except OSError:
        pass
    os.umask(0o077)
    descriptors.close_all_but([0, 1, 2, *facts.keep])
    keeper.own_pid_namespace = None
    if plan.mode == "off":
        reaper.become_subreaper()
        _settle(plan, facts)
        return
    if facts.uid is None and plan.has(levels.IDENTITY):
        raise ValueError("this plan gives every worker a user id, and none was given")
    _oom_first()
    uid = facts.uid if facts.uid is not None and plan.has(levels.IDENTITY) else os.geteuid()
    _mounts(plan, facts, uid)
    _privileges(plan, uid)
    # After the last user namespace was made: it would take the limit over for all its siblings together.
    if plan.has(levels.RLIMITS):
        _limits(plan, facts, uid)
    if kernel.LINUX:
        reaper.become_subreaper()
        try:
            kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        except OSError:
            pass
    os.chdir(facts.directory)
    if plan.has(levels.NO_NEW_PRIVS):
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if plan.has(levels.LANDLOCK):
        landlock.restrict(
            plan.landlock_abi,
            _readable or readable(plan),
            _writable(plan, facts),
            devices(),
            # Singular does not start without a semaphore; with mounts of its own the worker has the directory whole.
            semaphores=() if plan.has(levels.MOUNT_NS) else (namespaces.SHARED_MEMORY,),
            tcp=plan.egress,
            scope=plan.has(levels.SCOPE),
        )
    if plan.has(levels.SECCOMP) and program is not None:
        seccomp.install(program)
    _settle(plan, facts)


def _writable(plan: Plan, facts: WorkerFacts) -> list[str]:
    shared_memory = [namespaces.SHARED_MEMORY] if plan.has(levels.MOUNT_NS) else []
    return [facts.directory, *plan.mounted(), *shared_memory]


def _oom_first() -> None:
    """If memory runs out, the kernel takes a session rather than the server."""
    try:
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(descriptor, b"1000")
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _mounts(plan: Plan, facts: WorkerFacts, uid: int) -> None:
    if not plan.has(levels.MOUNT_NS):
        if plan.has(levels.IDENTITY):
            os.chown(facts.directory, uid, uid)
        return
    keep = [*_remembered(), facts.directory]
    # Landlock's scope costs nothing; a network for each worker costs half a millisecond.
    alone = plan.has(levels.NET_NS) and not plan.has(levels.SCOPE)
    shown = namespaces.below(plan.read, plan.mounted())
    namespaces.enter_session(plan.mounted(), plan.sizes, uid, plan.has(levels.PID_NS), keep, alone, shown)


def _remembered() -> list[str]:
    """Directories that Sage has seen and expects to exist: found in the zygote, if it was warmed."""
    if _kept:
        return _kept
    found = [os.environ.get(name) for name in ("HOME", "DOT_SAGE")]
    with contextlib.suppress(OSError):
        found.append(os.getcwd())
    return [path for path in found if path]


def _limits(plan: Plan, facts: WorkerFacts, uid: int) -> None:
    processes = facts.processes
    shared = not plan.has(levels.IDENTITY) and not plan.has(levels.USER_NS)
    if kernel.LINUX and (shared or kernel.release() < (5, 14)):
        # The kernel counts all processes of a user, and the server and the other sessions are of the same.
        processes += rlimits.processes_of(uid)
    rlimits.apply(rlimits.table(facts.memory, processes, facts.files, facts.file_bytes))


def _privileges(plan: Plan, uid: int) -> None:
    if plan.has(levels.IDENTITY):
        identity.become(uid)
    elif plan.has(levels.USER_NS) and plan.has(levels.MOUNT_NS):
        # One more user namespace: this one owns none of the mounts, and it counts processes by itself.
        namespaces.map_user()
        kernel.drop_capabilities()
    elif plan.has(levels.CAPABILITIES):
        kernel.drop_capabilities()


def _settle(plan: Plan, facts: WorkerFacts) -> None:
    os.chdir(facts.directory)
    # With a root of its own the worker has the remembered directories too, and touching a hundred modules takes time.
    home.rehome(facts.directory, modules=not plan.has(levels.MOUNT_NS))
    if facts.reseed and plan.has(levels.RESEED):
        seeds.reseed()


def reset_signals() -> None:
    """Default actions for signals that the zygote ignores and an empty mask, as a fresh program has them."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
