# SPDX-License-Identifier: GPL-2.0-or-later
"""What was asked for, and what this machine can do: every layer is tried for real in a child process."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterable

from . import cgroups, kernel, landlock, levels, namespaces, seccomp
from .identity import LAST_UID, become
from .levels import ENFORCED, MISSING, NOT_NEEDED, Layer
from .plan import Plan, SandboxMissing
from .reach import devices, installation, readable, shortest
from .trial import trial


def make_plan(
    mode: str = "best-effort",
    *,
    egress: bool = False,
    scratch: str | None = None,
    read: Iterable[str] = (),
    python: str | None = None,
    without: Iterable[str] = (),
    hierarchies: cgroups.Hierarchies | None = None,
    sizes: namespaces.Sizes | None = None,
) -> Plan:
    """Tries every layer in a child process and says what holds; about 50 ms. Call before any thread is started.

    Args:
        mode: ``require``, ``best-effort`` or ``off``.
        egress: let user code reach the network.
        scratch: absolute directory of the zygote's home and the sessions' directories.
        read: further trees that user code may read, such as data sets.
        python: unused prefix of another interpreter's installation, readable too; by default this interpreter's.
        without: layers not to use, each then reported missing "by choice".
        hierarchies: what ``cgroups.open_hierarchies`` found; None leaves control groups out.
        sizes: of the writable file systems.

    Raises:
        ValueError: an unknown mode or layer.
        SandboxMissing: mode is ``require`` and a required layer is missing.
    """
    left_out = frozenset(without)
    if mode not in levels.MODES:
        raise ValueError(f"unknown sandbox mode {mode!r}; there are {', '.join(levels.MODES)}")
    if left_out - set(levels.NAMES):
        raise ValueError(f"unknown layers: {', '.join(sorted(left_out - set(levels.NAMES)))}")
    if scratch is not None:
        scratch = os.path.realpath(scratch)
    abi = landlock.abi() if levels.LANDLOCK not in left_out and mode != "off" else 0
    trees = (*installation(), *((python,) if python else ()), *read)
    plan = Plan(
        mode=mode,
        layers=(),
        egress=egress,
        landlock_abi=abi,
        read=shortest(trees),
        # Not the rest of the path: it has the directory the server was started in.
        zygote_read=(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),),
        scratch=scratch,
        sizes=sizes or namespaces.Sizes(),
        cgroup=hierarchies.kind if hierarchies else "none",
    )
    found = _Trials(plan, left_out, hierarchies).run()
    plan = dataclasses.replace(plan, layers=tuple(found[name] for name in levels.NAMES))
    if mode == "require" and plan.missing():
        raise SandboxMissing(plan.missing())
    return plan


class _Trials:
    """Finds the state of every layer, each tried for real where that is possible."""

    def __init__(self, plan: Plan, left_out: frozenset[str], hierarchies: cgroups.Hierarchies | None) -> None:
        self._plan = plan
        self._out = left_out
        self._hierarchies = hierarchies
        self._root = hasattr(os, "geteuid") and os.geteuid() == 0
        self._found: dict[str, Layer] = {}

    def run(self) -> dict[str, Layer]:
        if self._plan.mode == "off":
            for name in levels.NAMES:
                self._set(name, MISSING, "the sandbox is switched off")
            for name in (levels.ENVIRONMENT, levels.DESCRIPTORS, levels.RESEED):
                self._set(name, ENFORCED)
            if kernel.LINUX:
                self._set(levels.LIFELINE, ENFORCED)
                self._set(levels.REAPER, ENFORCED)
            return self._found
        if not kernel.LINUX:
            for name in levels.NAMES:
                self._set(name, MISSING, f"only Linux has it, and this is {sys.platform}")
            for name in (
                levels.ENVIRONMENT,
                levels.DESCRIPTORS,
                levels.RLIMITS,
                levels.RESEED,
                levels.DISK_WATCH,
            ):
                self._set(name, ENFORCED)
            return self._chosen()
        for name in (
            levels.ENVIRONMENT,
            levels.DESCRIPTORS,
            levels.RLIMITS,
            levels.RESEED,
            levels.LIFELINE,
            levels.REAPER,
        ):
            self._set(name, ENFORCED)
        self._test(levels.NO_NEW_PRIVS, lambda: kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1))
        self._landlock()
        self._seccomp()
        self._namespaces()
        self._identity()
        self._control_groups()
        if not self._found[levels.IDENTITY].enforced and not self._found[levels.USER_NS].enforced:
            reason = "the number of processes is counted for all sessions together, since they share a user"
            self._set(levels.RLIMITS, ENFORCED, reason)
        return self._chosen()

    def _chosen(self) -> dict[str, Layer]:
        for name in self._out:
            self._set(name, MISSING, "left out by choice")
        return self._found

    def _set(self, name: str, state: str, reason: str = "") -> bool:
        self._found[name] = Layer(name, state, reason)
        return state == ENFORCED

    def _test(self, name: str, attempt: Callable[[], object], explain: str = "") -> bool:
        if name in self._out:
            return self._set(name, MISSING, "left out by choice")
        reason = trial(attempt)
        if not reason:
            return self._set(name, ENFORCED)
        return self._set(name, MISSING, f"{explain}{': ' if explain else ''}{reason}")

    def _landlock(self) -> None:
        abi = self._plan.landlock_abi
        if abi < 1:
            self._set(levels.LANDLOCK, MISSING, "the kernel has no Landlock (5.13 or later, lsm=…,landlock,…)")
            self._set(levels.SCOPE, MISSING, "it is part of Landlock")
            return

        def attempt() -> None:
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
            landlock.restrict(abi, readable(self._plan), (), devices(), tcp=self._plan.egress)
            try:
                os.listdir("/")
            except PermissionError:
                return
            raise RuntimeError("the rules were accepted and did not hold")

        held = self._test(levels.LANDLOCK, attempt)
        if held and abi >= 6:
            self._set(levels.SCOPE, ENFORCED)
        else:
            self._set(levels.SCOPE, MISSING, f"it needs Landlock ABI 6 (kernel 6.12), and this is ABI {abi}")

    def _seccomp(self) -> None:
        program = seccomp.compile_filter(egress=self._plan.egress)
        if program is None:
            self._set(levels.SECCOMP, MISSING, f"no table of system calls for {kernel.MACHINE}")
            return

        def attempt() -> None:
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
            seccomp.install(program)
            try:
                kernel.unshare(0)
            except OSError as error:
                if error.errno == 1:
                    return
            raise RuntimeError("the filter was accepted and did not hold")

        self._test(levels.SECCOMP, attempt)

    def _namespaces(self) -> None:
        own = (levels.USER_NS, levels.NET_NS, levels.IPC_NS, levels.MOUNT_NS, levels.PID_NS)
        privileged = self._root and not trial(lambda: kernel.unshare(kernel.CLONE_NEWNS))
        if privileged:
            self._set(levels.USER_NS, NOT_NEEDED, "root makes the other namespaces without it")
            enter: Callable[[], object] = bool
        elif self._test(levels.USER_NS, namespaces.map_user, "the kernel does not let this user make one"):
            enter = namespaces.map_user
        else:
            for name in own[1:]:
                self._set(name, MISSING, "it needs root or a user namespace")
            self._quota(False)
            return

        def after(attempt: Callable[[], object]) -> Callable[[], object]:
            return lambda: (enter(), attempt())

        if self._plan.egress:
            self._set(levels.NET_NS, NOT_NEEDED, "the network was allowed to user code")
        else:
            self._test(levels.NET_NS, after(lambda: kernel.unshare(kernel.CLONE_NEWNET)))
        self._test(levels.IPC_NS, after(lambda: kernel.unshare(kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)))
        both = kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
        scratch = namespaces.writable(self._plan.scratch)
        read = (*self._plan.read, *self._plan.zygote_read)

        def root(own_processes: bool) -> None:
            kernel.unshare(both)
            namespaces.build_root(read, scratch, own_processes)
            shown = namespaces.below(self._plan.read, scratch)
            namespaces.enter_session(scratch, self._plan.sizes, os.geteuid(), own_processes, (), shown=shown)
            for path in ("/", "/usr", *self._plan.read):
                if not os.statvfs(path).f_flag & os.ST_RDONLY:
                    raise RuntimeError(f"{path} was to be read-only and is not")

        mounted = self._found[levels.IPC_NS].enforced and self._test(levels.MOUNT_NS, after(lambda: root(False)))
        if not mounted and levels.MOUNT_NS not in self._found:
            self._set(levels.MOUNT_NS, MISSING, "it goes with the System V namespaces, which are missing")

        def processes() -> None:
            kernel.unshare(kernel.CLONE_NEWPID)
            reason = trial(lambda: root(True))
            if reason:
                raise RuntimeError(reason)

        if mounted:
            self._test(levels.PID_NS, after(processes))
        else:
            self._set(levels.PID_NS, MISSING, "it needs a mount namespace for its /proc")
        self._quota(mounted)

    def _quota(self, mounted: bool) -> None:
        if mounted:
            self._set(levels.QUOTA, ENFORCED)
            self._set(levels.DISK_WATCH, NOT_NEEDED, "the quota bounds the disk")
        else:
            self._set(levels.QUOTA, MISSING, "it needs a mount namespace; /dev/shm is shared by all sessions")
            self._set(levels.DISK_WATCH, ENFORCED)

    def _identity(self) -> None:
        if not self._root:
            why = "the server does not run as root"
            if self._found[levels.USER_NS].enforced:
                self._set(levels.CAPABILITIES, ENFORCED)
            else:
                self._set(levels.CAPABILITIES, NOT_NEEDED, why)
            self._set(levels.IDENTITY, MISSING, why)
            return

        def attempt() -> None:
            if self._found[levels.MOUNT_NS].enforced:
                kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
                namespaces.build_root((*self._plan.read, *self._plan.zygote_read), (namespaces.TMP,), False)
            become(LAST_UID)
            os.listdir(os.path.dirname(os.__file__))
            open(os.path.realpath(sys.executable), "rb").close()

        held = self._test(levels.IDENTITY, attempt, "a session's user could not run Python")
        if held:
            self._set(levels.CAPABILITIES, ENFORCED)
        else:
            self._test(levels.CAPABILITIES, kernel.drop_capabilities)

    def _control_groups(self) -> None:
        found = self._hierarchies
        for name, controller in (
            (levels.CGROUP_MEMORY, "memory"),
            (levels.CGROUP_PIDS, "pids"),
            (levels.CGROUP_CPU, "cpu"),
        ):
            if found is not None and controller in found.controllers:
                self._set(name, ENFORCED)
            else:
                self._set(name, MISSING, found.reason if found is not None else "control groups were not looked for")
