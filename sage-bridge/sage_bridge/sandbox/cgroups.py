# SPDX-License-Identifier: GPL-2.0-or-later
"""Control groups: memory, number of processes and processor share of a session as a whole.

Version 2 where a subtree is ours to divide, version 1 where its hierarchies may be written, none otherwise. All of
it runs in the supervisor; attach a worker when it is warmed, not when it is asked for (up to 20 ms).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass

_ROOT = "/sys/fs/cgroup"
CONTROLLERS = ("memory", "pids", "cpu")
_PERIOD_US = 100_000


@dataclass(frozen=True)
class Limits:
    """Of one session: bytes of memory (swap is not given), processes, and processors (1.0 is one core)."""

    memory: int = 1 << 30
    processes: int = 128
    processors: float = 1.0


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


@dataclass(frozen=True)
class Hierarchies:
    """Where groups may be made: ``unified`` is a version 2 directory or None, ``legacy`` maps controller → directory.

    ``controllers`` lists what can be limited; ``reason`` says what is missing and why, or is empty.
    """

    unified: str | None
    legacy: dict[str, str]
    controllers: tuple[str, ...]
    reason: str = ""

    @property
    def kind(self) -> str:
        """``v2``, ``v1``, ``v1+v2`` or ``none``."""
        legacy = "v1" if self.legacy else ""
        unified = "v2" if self.unified else ""
        return "+".join(filter(None, (legacy, unified))) or "none"

    def make(self, name: str, limits: Limits) -> Group:
        """A group for one session; the caller removes it with ``Group.remove``.

        Raises:
            OSError: a directory could not be made or a limit not be set.
        """
        group = Group(
            unified=os.path.join(self.unified, name) if self.unified else None,
            legacy={controller: os.path.join(base, name) for controller, base in self.legacy.items()},
        )
        for directory in group.directories():
            os.makedirs(directory, exist_ok=True)
        quota = max(1_000, int(limits.processors * _PERIOD_US))
        if group.unified:
            for file, text in (
                ("memory.max", str(limits.memory)),
                ("memory.swap.max", "0"),
                ("memory.oom.group", "1"),
                ("pids.max", str(limits.processes)),
                ("cpu.max", f"{quota} {_PERIOD_US}"),
            ):
                path = os.path.join(group.unified, file)
                if os.path.exists(path):
                    _write(path, text)
        settings = {
            "memory": (
                ("memory.limit_in_bytes", limits.memory),
                ("memory.memsw.limit_in_bytes", limits.memory),
            ),
            "pids": (("pids.max", limits.processes),),
            "cpu": (("cpu.cfs_period_us", _PERIOD_US), ("cpu.cfs_quota_us", quota)),
        }
        for controller, directory in group.legacy.items():
            for file, value in settings[controller]:
                path = os.path.join(directory, file)
                if os.path.exists(path):
                    _write(path, str(value))
        return group


@dataclass(frozen=True)
class Group:
    """One session's group in every hierarchy there is."""

    unified: str | None
    legacy: dict[str, str]

    def directories(self) -> list[str]:
        """All its directories; may be none."""
        return [*self.legacy.values(), *([self.unified] if self.unified else [])]

    def attach(self, pid: int) -> None:
        """Moves process ``pid`` (the caller's numbering; 0 is the caller) in; its children follow. Raises OSError."""
        for directory in self.directories():
            _write(os.path.join(directory, "cgroup.procs"), str(pid))

    def processes(self) -> list[int]:
        """Pids in the group, zombies left out by the kernel."""
        found: set[int] = set()
        for directory in self.directories():
            found.update(int(line) for line in _read(os.path.join(directory, "cgroup.procs")).split())
        return sorted(found)

    def kill(self) -> bool:
        """Has the kernel kill every process in it (version 2, kernel 5.14); False if it can't."""
        if not self.unified:
            return False
        try:
            _write(os.path.join(self.unified, "cgroup.kill"), "1")
        except OSError:
            return False
        return True

    def memory(self) -> int:
        """Bytes in use, page cache included; 0 if not measured."""
        for directory, file in (
            (self.unified, "memory.current"),
            (self.legacy.get("memory"), "memory.usage_in_bytes"),
        ):
            if directory:
                text = _read(os.path.join(directory, file)).strip()
                if text.isdigit():
                    return int(text)
        return 0

    def out_of_memory(self) -> bool:
        """Whether the kernel killed a process of it for want of memory."""
        for directory, file in (
            (self.unified, "memory.events"),
            (self.legacy.get("memory"), "memory.oom_control"),
        ):
            if directory:
                for line in _read(os.path.join(directory, file)).splitlines():
                    name, _, count = line.partition(" ")
                    if name == "oom_kill" and count.strip() not in ("", "0"):
                        return True
        return False

    def remove(self, seconds: float = 0.5) -> bool:
        """Removes the directories once the processes are dead; False if some remained busy for ``seconds``."""
        deadline = time.monotonic() + seconds
        left = self.directories()
        while left:
            for directory in list(left):
                try:
                    os.rmdir(directory)
                    left.remove(directory)
                except FileNotFoundError:
                    left.remove(directory)
                except OSError:
                    pass
            if left and time.monotonic() > deadline:
                return False
            if left:
                time.sleep(0.002)
        return True


def _own_paths() -> dict[str, str]:
    """Controller (or "" for version 2) → the calling process's path in that hierarchy."""
    paths = {}
    for line in _read("/proc/self/cgroup").splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            paths[name] = path
    return paths


def _unified_mounts() -> list[str]:
    return [line.split()[1] for line in _read("/proc/self/mounts").splitlines() if line.split()[2:3] == ["cgroup2"]]


_counter = itertools.count(1)


def _remove_leftovers(base: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(base):
            owner = name.split("-")[2] if name.startswith("sage-bridge-") else ""
            if not owner.isdigit() or os.path.exists(f"/proc/{owner}"):
                continue
            server = os.path.join(base, name)
            sessions = [entry.path for entry in os.scandir(server) if entry.is_dir(follow_symlinks=False)]
            for directory in (*sessions, server):
                # One that still has processes stays: the kernel refuses to remove it.
                with contextlib.suppress(OSError):
                    os.rmdir(directory)


def _try_directory(base: str) -> str:
    """Makes the server's own directory below ``base``, and removes those that dead servers left; raises OSError."""
    _remove_leftovers(base)
    name = os.path.join(base, f"sage-bridge-{os.getpid()}-{next(_counter)}")
    os.mkdir(name)
    return name


def _delegate(base: str, name: str) -> list[str]:
    """Switches controllers on for the children of ``name``; which ones it got."""
    got = []
    with contextlib.suppress(OSError):
        available = _read(os.path.join(base, "cgroup.controllers")).split()
        wanted = [c for c in CONTROLLERS if c in available]
        enabled = _read(os.path.join(base, "cgroup.subtree_control")).split()
        if set(wanted) - set(enabled):
            # A group with processes can't pass controllers on, so the server moves into a leaf of its own.
            leaf = os.path.join(base, "sage-bridge-server")
            os.makedirs(leaf, exist_ok=True)
            _write(os.path.join(leaf, "cgroup.procs"), "0")
        for controller in wanted:
            with contextlib.suppress(OSError):
                if controller not in enabled:
                    _write(os.path.join(base, "cgroup.subtree_control"), f"+{controller}")
                _write(os.path.join(name, "cgroup.subtree_control"), f"+{controller}")
                got.append(controller)
    return got


def open_hierarchies() -> Hierarchies:
    """Finds out, by making directories, what this process may use; the caller ends with ``close_hierarchies``."""
    paths = _own_paths()
    legacy: dict[str, str] = {}
    unified: str | None = None
    controllers: list[str] = []
    why: list[str] = []
    for mount in _unified_mounts():
        base = os.path.join(mount, paths.get("", "/").lstrip("/")).rstrip("/")
        try:
            unified = _try_directory(base)
        except OSError as error:
            why.append(error.strerror)
            continue
        controllers += _delegate(base, unified)
        break
    for controller in CONTROLLERS:
        mount = os.path.join(_ROOT, controller)
        if controller in controllers or controller not in paths:
            continue
        base = os.path.join(mount, paths[controller].lstrip("/")).rstrip("/")
        try:
            legacy[controller] = _try_directory(base)
            controllers.append(controller)
        except OSError as error:
            why.append(error.strerror)
    missing = [c for c in CONTROLLERS if c not in controllers]
    reason = ""
    if missing:
        detail = f" ({', '.join(dict.fromkeys(why))})" if why else ""
        reason = f"no control group for {', '.join(missing)} may be made by this user{detail}"
    if not controllers and unified:
        # Empty of controllers, it still kills a whole group at once.
        reason = reason or "version 2 without controllers"
    return Hierarchies(unified, legacy, tuple(controllers), reason)


def close_hierarchies(found: Hierarchies) -> None:
    """Removes the server's directories; those with groups still in them stay."""
    for directory in (*found.legacy.values(), *([found.unified] if found.unified else [])):
        with contextlib.suppress(OSError):
            os.rmdir(directory)
