# SPDX-License-Identifier: GPL-2.0-or-later
"""What was asked for, what this machine can do, and so what every worker gets. Made once, at start."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from . import cgroups, kernel, landlock, levels, namespaces, seccomp
from .identity import LAST_UID, become
from .levels import ENFORCED, MISSING, NOT_NEEDED, Layer

#: What of ``/etc`` programs need and anybody may know.
_ETC = (
    "alternatives", "ca-certificates.conf", "fonts", "gai.conf", "gprc", "group", "host.conf", "hosts", "inputrc",
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias", "localtime", "magic", "mailcap", "matplotlibrc",
    "mime.types", "networks", "nsswitch.conf", "os-release", "papersize", "passwd", "protocols", "R",
    "services", "terminfo", "texmf", "timezone", "java-17-openjdk", "python3", "python3.11",
)  # fmt: skip
#: With egress: how to find and trust hosts.
_ETC_NETWORK = ("resolv.conf", "ssl", "ca-certificates", "pki")
#: Longest a trial of a layer may take, seconds.
_TRIAL_SECONDS = 5.0


class SandboxMissing(RuntimeError):
    """``require`` was asked for and this machine lacks a required layer; the text lists each with its reason."""

    def __init__(self, missing: Iterable[Layer]) -> None:
        self.layers = tuple(missing)
        lines = "\n".join(f"  {layer.name}: {layer.reason}" for layer in self.layers)
        super().__init__(
            f"the sandbox was required and {len(self.layers)} of its layers can't be had here:\n{lines}\n"
            "Mend these, or choose --sandbox best-effort to run without them."
        )


@dataclass(frozen=True)
class Plan:
    """The layers of every worker; the same object, as JSON, goes from the supervisor to the zygote.

    Attributes:
        mode: ``require``, ``best-effort`` or ``off``.
        layers: one for each kind, in the order of ``levels.KINDS``.
        egress: user code may open IPv4 and IPv6 sockets.
        landlock_abi: 0 without Landlock.
        read: trees of Sage, Python and the operator's choice, readable for user code.
        zygote_read: trees that only the zygote reads (this package).
        scratch: directory under which the zygote's home and the sessions' directories lie, or None.
        sizes: of the writable file systems.
        cgroup: ``v2``, ``v1``, ``v1+v2`` or ``none``.
    """

    mode: str
    layers: tuple[Layer, ...]
    egress: bool = False
    landlock_abi: int = 0
    read: tuple[str, ...] = ()
    zygote_read: tuple[str, ...] = ()
    scratch: str | None = None
    sizes: namespaces.Sizes = field(default_factory=namespaces.Sizes)
    cgroup: str = "none"

    def __post_init__(self) -> None:
        # Every worker asks two dozen times.
        object.__setattr__(self, "_states", {layer.name: layer.enforced for layer in self.layers})

    def has(self, name: str) -> bool:
        """Whether layer ``name`` is enforced. Raises KeyError for a name that does not exist."""
        return self._states[name]

    def reason(self, name: str) -> str:
        """Why layer ``name`` is not enforced, or not quite; "" if it is. Raises StopIteration for an unknown name."""
        return next(layer.reason for layer in self.layers if layer.name == name)

    @property
    def level(self) -> str:
        """In a word: ``off``, ``none``, ``floor``, ``userns``, ``root``, ``root+pidns``."""
        if self.mode == "off":
            return "off"
        if self.has(levels.IDENTITY):
            return "root+pidns" if self.has(levels.PID_NS) else "root"
        if self.has(levels.MOUNT_NS):
            return "userns" if self.has(levels.USER_NS) else "root-shared-user"
        return "floor" if self.has(levels.SECCOMP) or self.has(levels.LANDLOCK) else "none"

    def missing(self, required: bool = True) -> tuple[Layer, ...]:
        """Layers that are missing: the required ones, or all."""
        wanted = {kind.name for kind in levels.KINDS if kind.required or not required}
        return tuple(layer for layer in self.layers if layer.state == MISSING and layer.name in wanted)

    def mounted(self) -> tuple[str, ...]:
        """Directories that are file systems of the worker's own; none without the mount layer."""
        return namespaces.writable(self.scratch) if self.has(levels.MOUNT_NS) else ()

    def summary(self) -> dict[str, Any]:
        """For ``/status``: mode, level, Landlock ABI, cgroup version and each layer with state and reason."""
        return {
            "mode": self.mode,
            "level": self.level,
            "egress": self.egress,
            "landlockAbi": self.landlock_abi,
            "cgroup": self.cgroup,
            "layers": [dataclasses.asdict(layer) for layer in self.layers],
        }

    def report(self) -> dict[str, Any]:
        """What relays are told: mode, level, and each layer with its state and, if it is not enforced, why."""
        layers = [
            {"name": layer.name, "state": layer.state, **({"reason": layer.reason} if layer.reason else {})}
            for layer in self.layers
        ]
        return {"mode": self.mode, "level": self.level, "egress": self.egress, "layers": layers}

    def dumps(self) -> str:
        """JSON from which ``Plan.loads`` makes an equal plan."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def loads(cls, text: str) -> Plan:
        """The plan that ``dumps`` wrote. Raises ValueError, KeyError or TypeError on any other text."""
        value = json.loads(text)
        value["layers"] = tuple(Layer(**layer) for layer in value["layers"])
        value["sizes"] = namespaces.Sizes(**value["sizes"])
        for name in ("read", "zygote_read"):
            value[name] = tuple(value[name])
        return cls(**value)


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


def installation() -> list[str]:
    """Directories of this interpreter, its packages and Sage, found without importing Sage."""
    found = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable))]
    found.append(os.path.dirname(os.__file__))
    found += [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
    with contextlib.suppress(ImportError, ValueError):
        spec = importlib.util.find_spec("sage")
        found += list(spec.submodule_search_locations or ()) if spec else []
    # A Sage built from source says by these where its programs and data are.
    found += [os.environ[name] for name in ("SAGE_ROOT", "SAGE_LOCAL", "SAGE_VENV") if os.environ.get(name)]
    return [p for p in dict.fromkeys(map(os.path.abspath, found)) if p != "/" and os.path.isdir(p)]


def shortest(paths: Iterable[str]) -> tuple[str, ...]:
    """``paths`` without those that lie below another of them."""
    kept: list[str] = []
    for path in sorted({os.path.normpath(p) for p in paths}, key=len):
        if not any(path == k or path.startswith(k + "/") for k in kept):
            kept.append(path)
    return tuple(kept)


def readable(plan: Plan) -> list[str]:
    """What Landlock lets a worker read and execute."""
    system = [path for path in namespaces.SYSTEM if path != "/etc"]
    settings = (*_ETC, *_ETC_NETWORK) if plan.egress else _ETC
    return [*system, *(f"/etc/{name}" for name in settings), "/proc", *plan.read]


def devices() -> list[str]:
    """What Landlock lets a worker read, write and control."""
    return [*(f"/dev/{name}" for name in namespaces.DEVICES), "/dev/ptmx", "/dev/pts"]


def trial(attempt: Callable[[], object]) -> str:
    """Runs ``attempt`` in a child process; "" if it returned, else what it raised, in a sentence."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        text = ""
        try:
            os.close(receive)
            attempt()
        except BaseException as error:
            text = f"{type(error).__name__}: {error}" if not isinstance(error, OSError) else str(error)
        with contextlib.suppress(OSError):
            os.write(send, b"." + text.encode()[:2000])
        os._exit(0)
    os.close(send)
    try:
        poll = select.poll()
        poll.register(receive, select.POLLIN)
        answer = os.read(receive, 4096) if poll.poll(_TRIAL_SECONDS * 1000) else b""
    finally:
        os.close(receive)
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if not answer:
        return "the trial died or did not end"
    return answer[1:].decode(errors="replace")


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
            self._set(levels.NET_NS, MISSING, "the network was allowed to user code")
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
