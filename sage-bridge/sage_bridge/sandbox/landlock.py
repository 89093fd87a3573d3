# SPDX-License-Identifier: GPL-2.0-or-later
"""File rules that a process lays upon itself and its children for good; needs no privilege.

ABI by kernel: 1 from 5.13, 2 (rename across directories) 5.19, 3 (truncate) 6.2, 4 (TCP) 6.7, 5 (ioctl on
devices) 6.10, 6 (scope of abstract sockets and signals) 6.12.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from . import kernel

_VERSION = 1
_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_CHAR, _MAKE_FILE, _MAKE_BLOCK = 1 << 5, 1 << 6, 1 << 8, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_TCP = 0b11
_SCOPES = 0b11

READ = EXECUTE | READ_FILE | READ_DIR
_DEVICE = READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV
#: What a named semaphore takes, and no more: above all not the list of the others' names.
_SEMAPHORE = READ_FILE | WRITE_FILE | TRUNCATE | _MAKE_FILE | _REMOVE_FILE
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


def _all_rights(abi: int) -> int:
    """Every file right that ABI ``abi`` knows."""
    rights = (1 << 13) - 1
    if abi >= 2:
        rights |= REFER
    if abi >= 3:
        rights |= TRUNCATE
    if abi >= 5:
        rights |= IOCTL_DEV
    return rights


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("handled_access_fs", "handled_access_net", "scoped")]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    try:
        return kernel.syscall("landlock_create_ruleset", None, 0, _VERSION)
    except OSError:
        return 0


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _ON_FILES
        rule = _Beneath(rights, descriptor)
        kernel.syscall("landlock_add_rule", ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)


def restrict(
    version: int,
    read: Iterable[str],
    write: Iterable[str],
    devices: Iterable[str],
    semaphores: Iterable[str] = (),
    tcp: bool = False,
    scope: bool = True,
) -> None:
    """From here on this process sees only what is listed; a path that does not exist is passed over.

    Args:
        version: what ``abi()`` answered, at least 1.
        read: trees that may be read and executed.
        write: trees in which everything but making device nodes is allowed.
        devices: nodes, or directories of nodes, to read, write and control (a terminal is nothing without ioctl).
        semaphores: directories, shared with others, in which files may be made, opened by name and removed.
        tcp: leave TCP to other layers.
        scope: from ABI 6 on, keep signals and abstract sockets inside too.

    Raises:
        OSError: the kernel refused; ``PR_SET_NO_NEW_PRIVS`` must have been set before.
    """
    rights = _all_rights(version)
    rules = _Ruleset(rights, 0 if tcp or version < 4 else _TCP, _SCOPES if scope and version >= 6 else 0)
    # Older kernels refuse a structure longer than theirs unless the rest is zero, which it is.
    ruleset = kernel.syscall("landlock_create_ruleset", ctypes.byref(rules), ctypes.sizeof(rules), 0)
    try:
        for path in read:
            _allow(ruleset, path, READ)
        for path in write:
            _allow(ruleset, path, rights & ~(_MAKE_CHAR | _MAKE_BLOCK | IOCTL_DEV))
        for path in devices:
            _allow(ruleset, path, rights & (_DEVICE | READ_DIR))
        for path in semaphores:
            _allow(ruleset, path, rights & _SEMAPHORE)
        kernel.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)
