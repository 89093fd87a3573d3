# SPDX-License-Identifier: GPL-2.0-or-later
"""The system calls that Python does not offer, by ctypes; loads on every system and fails only when called."""

from __future__ import annotations

import ctypes
import os
import platform
import sys

LINUX = sys.platform.startswith("linux")
MACHINE = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID = 1, 2
AT_RECURSIVE = 0x8000
AT_EMPTY_PATH = 0x1000
AT_FDCWD = -100

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

#: From the kernel's tables; the calls of 2019 and later have one number on every architecture.
NUMBERS = {
    "x86_64": {"pivot_root": 155, "capset": 126, "prctl": 157},
    "aarch64": {"pivot_root": 41, "capset": 91, "prctl": 167},
}
COMMON_NUMBERS = {
    "close_range": 436,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}

try:
    _libc = ctypes.CDLL(None, use_errno=True)
except (OSError, TypeError):  # pragma: no cover - no C library to be found by this name
    _libc = None


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _function(name: str):
    function = getattr(_libc, name, None) if LINUX and _libc is not None else None
    if function is None:
        raise OSError(38, f"{name}: not on this system")
    return function


def syscall(name: str, *arguments: object) -> int:
    """Makes a system call by name; integers are passed as C longs.

    Raises:
        OSError: the call failed, or this architecture has no number for it (ENOSYS).
    """
    number = COMMON_NUMBERS.get(name) or NUMBERS.get(MACHINE, {}).get(name)
    if number is None:
        raise OSError(38, f"{name}: no system call number for {MACHINE}")
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    function = _function("syscall")
    if function.restype is not ctypes.c_long:
        function.restype = ctypes.c_long
    return _check(function(ctypes.c_long(number), *converted), name)


def prctl(option: int, *arguments: int) -> int:
    """``prctl(2)``; raises OSError."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _check(_function("prctl")(option, *(ctypes.c_ulong(a) for a in padded)), f"prctl {option}")


def unshare(flags: int) -> None:
    """``unshare(2)``; raises OSError."""
    _check(_function("unshare")(ctypes.c_int(flags)), f"unshare {flags:#x}")


def setns(descriptor: int, kind: int) -> None:
    """``setns(2)``; raises OSError."""
    _check(_function("setns")(descriptor, ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """``mount(2)``; raises OSError naming the target."""
    _check(
        _function("mount")(
            os.fsencode(source),
            os.fsencode(target),
            kind.encode(),
            ctypes.c_ulong(flags),
            data.encode() or None,
        ),
        f"mount {kind or 'bind'} on {target}",
    )


def unmount(target: str, flags: int = 0) -> None:
    """``umount2(2)``; raises OSError."""
    _check(_function("umount2")(os.fsencode(target), flags), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    """``pivot_root(2)``; raises OSError."""
    syscall("pivot_root", ctypes.c_char_p(os.fsencode(new)), ctypes.c_char_p(os.fsencode(old)))


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")]


def mount_setattr(path: str, attributes: int) -> None:
    """Adds mount attributes to ``path`` and all below it. Kernel 5.12; raises OSError (ENOSYS before)."""
    value = _MountAttributes(attributes, 0, 0, 0)
    syscall(
        "mount_setattr",
        AT_FDCWD,
        ctypes.c_char_p(os.fsencode(path)),
        AT_RECURSIVE,
        ctypes.byref(value),
        ctypes.sizeof(value),
    )


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


#: Made here, so that no worker has to: making a type touches many pages.
_HEADER = _CapabilityHeader(0x20080522, 0)
_NOTHING = (ctypes.c_uint32 * 6)()


def drop_capabilities() -> None:
    """Empties the ambient, bounding, inheritable, permitted and effective sets of the calling thread.

    Raises:
        OSError: a set could not be emptied.
    """
    drop_bounding_set()
    clear_capabilities()


def drop_bounding_set() -> None:
    """Empties the ambient and bounding sets, so that no program started from here on gains a capability.

    The caller keeps those it has; forks inherit the empty sets, a new user namespace starts with full ones.

    Raises:
        OSError: it may not be emptied.
    """
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    function, zero = _function("prctl"), ctypes.c_ulong(0)
    for capability in range(64):
        if function(PR_CAPBSET_DROP, ctypes.c_ulong(capability), zero, zero, zero) < 0:
            code = ctypes.get_errno()
            if code == 22:  # beyond the last one this kernel knows
                break
            raise OSError(code, f"dropping capability {capability}: {os.strerror(code)}")


def bounding_set_is_empty() -> bool:
    """Whether ``drop_bounding_set`` has been done already, here or before a fork."""
    function, zero = _function("prctl"), ctypes.c_ulong(0)
    return function(PR_CAPBSET_READ, zero, zero, zero, zero) == 0


def clear_capabilities() -> None:
    """Empties the inheritable, permitted and effective sets; needs no privilege."""
    syscall("capset", ctypes.byref(_HEADER), ctypes.byref(_NOTHING))


def close_range(first: int, last: int) -> None:
    """Closes all descriptors from ``first`` to ``last``, both included; kernel 5.9, else one by one."""
    if first > last:
        return
    try:
        syscall("close_range", first, last, 0)
    except OSError:
        os.closerange(first, min(last, 65_536) + 1)


def release() -> tuple[int, int]:
    """Kernel version as (major, minor); (0, 0) where it can't be told."""
    parts = os.uname().release.split(".") if hasattr(os, "uname") else []
    try:
        return int(parts[0]), int(parts[1].split("-")[0])
    except (ValueError, IndexError):
        return 0, 0
