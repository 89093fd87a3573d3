# SPDX-License-Identifier: GPL-2.0-or-later
"""A small world of their own for the zygote and, inside it, for each worker.

Once, in the zygote: an empty network, and a read-only root that holds the system, Sage and Python and nothing
else, so that the server's sockets and other people's files do not exist. For each worker, in well under a
millisecond: fresh sized file systems where it may write, its own terminals, processes, System V objects.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from . import kernel
from .kernel import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT

MIB = 1 << 20
#: Trees of the system that programs need; those that do not exist are passed over.
SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix/store",
    "/gnu/store",
)
TMP = "/tmp"  # noqa: S108
SHARED_MEMORY = "/dev/shm"  # noqa: S108
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


@dataclass(frozen=True)
class Sizes:
    """Of the file systems that a session may write to: bytes and number of files."""

    scratch_bytes: int = 64 * MIB
    scratch_files: int = 2048
    shared_memory_bytes: int = 16 * MIB


def map_user() -> None:
    """Enters a new user namespace in which the caller keeps its ids and holds every capability.

    Raises:
        OSError: user namespaces are switched off or used up; or the caller has threads (EINVAL).
    """
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    # The files below are root's, not ours, for a process that may not be dumped, such as a fork of the zygote.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def _private_mounts() -> None:
    kernel.mount("none", "/", "", MS_REC | MS_PRIVATE)


def _read_only(root: str) -> None:
    """Everything below ``root`` read-only and without set-uid; never NODEV, which would break ``/dev/null``."""
    try:
        kernel.mount_setattr(root, kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID)
    except OSError:
        # Before kernel 5.12 each mount has to be named, with the flags it has, which a namespace may not lift.
        for target, flags in _mounts_below(root):
            kernel.mount("none", target, "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | flags)


def _mounts_below(root: str) -> list[tuple[str, int]]:
    """Each mount at or below ``root`` with its flags, read while the old root is still at ``/old``."""
    known = {"nodev": MS_NODEV, "noexec": MS_NOEXEC, "noatime": 1024, "nodiratime": 2048, "relatime": 1 << 21}
    found = []
    with open("/old/proc/self/mountinfo", "rb") as file:
        for line in file:
            fields = line.split()
            target = os.fsdecode(re.sub(rb"\\(\d{3})", lambda m: bytes([int(m[1], 8)]), fields[4]))
            if target == root or target.startswith(root.rstrip("/") + "/"):
                flags = 0
                for option in fields[5].decode().split(","):
                    flags |= known.get(option, 0)
                found.append((target, flags))
    return found


def _resolve(old: str, path: str) -> str:
    """``path`` without links, as it reads from inside the root that is mounted at ``old``."""
    done = ""
    waiting = path.strip("/").split("/")
    for _ in range(400):
        if not waiting:
            break
        name = waiting.pop(0)
        here = os.path.normpath(f"{done}/{name}")
        if os.path.islink(old + here):
            link = os.readlink(old + here)
            start = "/" if link.startswith("/") else done or "/"
            waiting = os.path.normpath(os.path.join(start, link)).strip("/").split("/") + waiting
            done = ""
        else:
            done = here
    return done or "/"


def _bind(old: str, new: str, path: str, seen: list[str]) -> None:
    """Shows ``path`` of the old root in the new one; a link is made anew and what it leads to is shown."""
    if any(path == s or path.startswith(s + "/") for s in seen):
        return
    source, target = old + path, new + path
    real = _resolve(old, path)
    if real != path:
        if os.path.exists(old + real) and real != "/":
            _bind(old, new, real, seen)
            if not os.path.lexists(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.symlink(real, target)
        return
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif os.path.isfile(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb"):
            pass
    else:
        return
    # A tree may hold mounts that may not be uncovered, so it comes with all of them.
    kernel.mount(source, target, "", MS_BIND | MS_REC)
    seen.append(path)


def _terminals(path: str) -> None:
    kernel.mount("devpts", path, "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0600")


def _processes(path: str) -> None:
    kernel.mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)


def gid_of(uid: int) -> int:
    """The group that goes with ``uid``: root makes both the same, anyone else keeps the one it has."""
    return uid if os.geteuid() == 0 else os.getegid()


def _tmpfs(path: str, size: int, files: int, mode: str, uid: int | None = None) -> None:
    owner = "" if uid is None else f",uid={uid},gid={gid_of(uid)}"
    data = f"size={size},nr_inodes={files},mode={mode}{owner}"
    kernel.mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, data)


def writable(scratch: str | None) -> tuple[str, ...]:
    """Where a worker has file systems of its own: ``/tmp``, and ``scratch`` unless it lies in it."""
    if scratch is None or (scratch + "/").startswith(TMP + "/"):
        return (TMP,)
    return (TMP, scratch)


def below(trees: Iterable[str], scratch: Iterable[str]) -> list[str]:
    """Those of ``trees`` that an empty file system on one of ``scratch`` would hide."""
    return [tree for tree in trees if any(tree.startswith(s.rstrip("/") + "/") for s in scratch)]


def _devices(old: str, new: str) -> None:
    for name in ("pts", "shm"):
        os.makedirs(f"{new}/{name}")
    for name in DEVICES:
        if os.path.exists(f"{old}/{name}"):
            with open(f"{new}/{name}", "wb"):
                pass
            kernel.mount(f"{old}/{name}", f"{new}/{name}", "", MS_BIND)
    os.symlink("/proc/self/fd", f"{new}/fd")
    os.symlink("pts/ptmx", f"{new}/ptmx")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"fd/{number}", f"{new}/{name}")


def build_root(read: Iterable[str], scratch: Iterable[str], own_processes: bool) -> None:
    """Replaces the root of the calling process, which must be in a mount namespace of its own.

    Args:
        read: trees to show besides the system's, read-only.
        scratch: ``writable(…)``: these become empty file systems.
        own_processes: the caller is in a new pid namespace and gets a ``/proc`` that shows only it.

    Raises:
        OSError: a mount was refused; the process is then in no state to go on.
    """
    where = os.getcwd()
    _private_mounts()
    kernel.mount("tmpfs", TMP, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=755")
    os.makedirs(TMP + "/old")
    os.makedirs(TMP + "/new")
    kernel.pivot_root(TMP, TMP + "/old")
    os.chdir("/")
    kernel.mount("tmpfs", "/new", "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=755")
    # Trees before links into them: a mount must not come to lie under another.
    trees = sorted(
        (p for p in {*SYSTEM, *map(os.path.normpath, read)} if p != "/" and os.path.lexists("/old" + p)),
        key=lambda p: (_resolve("/old", p) != p, len(p), p),
    )
    hidden = below(trees, scratch)
    seen: list[str] = []
    for path in trees:
        if path not in hidden:
            _bind("/old", "/new", path, seen)
    _devices("/old/dev", "/new/dev")
    for path in (*scratch, "/proc", "/run", "/var"):
        os.makedirs("/new" + path, exist_ok=True)
    with contextlib.suppress(OSError):
        os.symlink(TMP, "/new/var/tmp")
    _read_only("/new")
    for path in scratch:
        _tmpfs("/new" + path, 1024 * MIB, 65_536, "1777")
    for path in hidden:
        _bind("/old", "/new", path, seen)
        _read_only("/new" + path)
    _tmpfs("/new" + SHARED_MEMORY, 64 * MIB, 1024, "1777")
    _terminals("/new/dev/pts")
    if own_processes:
        _processes("/new/proc")
    else:
        kernel.mount("/old/proc", "/new/proc", "", MS_BIND | MS_REC)
    kernel.unmount("/old", kernel.MNT_DETACH)
    os.chdir("/new")
    kernel.pivot_root(".", ".")
    kernel.unmount(".", kernel.MNT_DETACH)
    os.chdir("/")
    with contextlib.suppress(OSError):
        os.makedirs(where, exist_ok=True)
        os.chdir(where)


def enter_session(
    scratch: Iterable[str],
    sizes: Sizes,
    uid: int,
    own_processes: bool,
    keep: Iterable[str],
    own_network: bool = False,
    shown: Iterable[str] = (),
) -> None:
    """Gives the calling worker its own mounts, System V objects and host name.

    Args:
        scratch: as for ``build_root``.
        sizes: of what is made.
        uid: whose the new directories are.
        own_processes: the caller is the first process of a pid namespace.
        keep: directories below ``scratch`` that must exist as before, since Sage has remembered them.
        own_network: not the zygote's empty network but one more, where abstract sockets would else be shared.
        shown: trees below ``scratch`` to be seen all the same, such as a Sage installed in ``/tmp``.

    Raises:
        OSError: a step was refused; the caller must then exit.
    """
    network = kernel.CLONE_NEWNET if own_network else 0
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | network)
    trees = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in shown if os.path.isdir(path)]
    for path in scratch:
        _tmpfs(path, sizes.scratch_bytes, sizes.scratch_files, "755", uid)
    for path, descriptor in trees:
        _own_directory(path, uid, scratch)
        kernel.mount(f"/proc/self/fd/{descriptor}", path, "", MS_BIND | MS_REC)
        os.close(descriptor)
    _tmpfs(SHARED_MEMORY, sizes.shared_memory_bytes, 256, "755", uid)
    _terminals("/dev/pts")
    if own_processes:
        _processes("/proc")
    for path in below(keep, scratch):
        _own_directory(path, uid, scratch)


def _own_directory(path: str, uid: int, scratch: Iterable[str]) -> None:
    missing = []
    while path not in scratch and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for each in reversed(missing):
        os.mkdir(each, 0o700)
        os.chown(each, uid, gid_of(uid))
