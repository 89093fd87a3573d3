# SPDX-License-Identifier: GPL-2.0-or-later
"""The layers by name: what each one does, and whether ``require`` insists on it."""

from __future__ import annotations

from dataclasses import dataclass

MODES = ("require", "best-effort", "off")

ENVIRONMENT = "environment"
DESCRIPTORS = "descriptors"
RLIMITS = "rlimits"
NO_NEW_PRIVS = "no-new-privs"
LIFELINE = "lifeline"
REAPER = "reaper"
RESEED = "reseed"
LANDLOCK = "landlock"
SCOPE = "landlock-scope"
SECCOMP = "seccomp"
USER_NS = "user-namespace"
NET_NS = "network-namespace"
PID_NS = "pid-namespace"
IPC_NS = "ipc-uts-namespaces"
MOUNT_NS = "read-only-root"
QUOTA = "disk-quota"
DISK_WATCH = "disk-watch"
IDENTITY = "own-user"
CAPABILITIES = "capabilities"
CGROUP_MEMORY = "cgroup-memory"
CGROUP_PIDS = "cgroup-pids"
CGROUP_CPU = "cgroup-cpu"

#: Layers that are gone without namespaces.
NAMESPACES = (NET_NS, PID_NS, IPC_NS, MOUNT_NS)

#: Not needed: another layer does it, there is nothing to be done, or the operator allows what it would prevent.
ENFORCED, MISSING, NOT_NEEDED = "enforced", "missing", "not needed"


@dataclass(frozen=True)
class LayerKind:
    """What a layer is. ``required``: without it ``--sandbox require`` refuses to start."""

    name: str
    required: bool
    does: str


KINDS = (
    LayerKind(ENVIRONMENT, True, "user code sees no variable of the server's"),
    LayerKind(DESCRIPTORS, True, "no file or socket of the server's is left open"),
    LayerKind(RLIMITS, True, "address space, file size, open files, processes, no core files"),
    LayerKind(NO_NEW_PRIVS, True, "set-uid programs give nothing"),
    LayerKind(LIFELINE, True, "everything ends with the supervisor, nothing with the zygote"),
    LayerKind(REAPER, True, "a session is killed whole, daemons included"),
    LayerKind(RESEED, True, "every session has random numbers of its own"),
    LayerKind(SECCOMP, True, "no network sockets; dangerous system calls refused"),
    LayerKind(LANDLOCK, True, "only the system, Sage and the session's own files can be opened"),
    LayerKind(SCOPE, False, "no signal and no abstract socket leaves the session"),
    LayerKind(USER_NS, False, "the means to namespaces without root"),
    LayerKind(MOUNT_NS, True, "the root is read-only and holds the system and Sage alone"),
    LayerKind(PID_NS, True, "other processes do not exist; the session dies as one"),
    LayerKind(NET_NS, True, "a network without a single address"),
    LayerKind(IPC_NS, True, "System V objects and host name of its own"),
    LayerKind(QUOTA, True, "sized file systems on /tmp, /dev/shm and the session's directory"),
    LayerKind(DISK_WATCH, True, "the session's directory is measured from outside"),
    LayerKind(IDENTITY, False, "a user id per session, so even the kernel's limits are its own"),
    LayerKind(CAPABILITIES, True, "no privilege of root is left"),
    LayerKind(CGROUP_MEMORY, False, "memory of the session as a whole"),
    LayerKind(CGROUP_PIDS, False, "number of processes of the session as a whole"),
    LayerKind(CGROUP_CPU, False, "processor share of the session as a whole"),
)
NAMES = tuple(kind.name for kind in KINDS)


@dataclass(frozen=True)
class Layer:
    """One layer on this machine: ``state`` is ENFORCED, MISSING or NOT_NEEDED, ``reason`` a sentence or ""."""

    name: str
    state: str
    reason: str = ""

    @property
    def enforced(self) -> bool:
        """Whether user code is held by it."""
        return self.state == ENFORCED
