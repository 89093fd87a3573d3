# SPDX-License-Identifier: GPL-2.0-or-later
"""A user of its own for every session (root only), so that the kernel keeps sessions apart as it keeps users apart."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections import deque

from . import kernel

FIRST_UID = 200_000
LAST_UID = 265_535
#: Ids of one server; so many servers can be on a machine.
_BLOCK = 1_024


class UidPool:
    """Hands out user ids, each also a group id; one that was used rests until nothing of it is left.

    Lives in the supervisor. Not safe for use from several threads.
    """

    def __init__(self, first: int = FIRST_UID, last: int = LAST_UID) -> None:
        self._free = deque(range(first, last + 1))
        self._resting: set[int] = set()
        self._used: set[int] = set()

    def acquire(self) -> int:
        """The id that has rested longest. Raises LookupError when all are in use."""
        if not self._free:
            raise LookupError("every session user id is in use")
        uid = self._free.popleft()
        self._used.add(uid)
        return uid

    def release(self, uid: int, is_clear: bool | None = None) -> bool:
        """Takes an id back; True if it may be used again, False if it is kept in quarantine.

        ``is_clear``: whether nothing runs as ``uid`` any more; by default what does is killed here.
        """
        self._used.discard(uid)
        self._resting.discard(uid)
        if kill_all_of(uid) if is_clear is None else is_clear:
            self._free.append(uid)
            return True
        self._resting.add(uid)
        return False

    def retry(self, most: int = 16) -> int:
        """Tries up to ``most`` ids in quarantine again; how many remain there."""
        for uid in list(self._resting)[:most]:
            self.release(uid)
        return len(self._resting)

    def status(self) -> dict[str, int]:
        """Counts: free, used, quarantined."""
        return {"free": len(self._free), "used": len(self._used), "quarantined": len(self._resting)}


def claim() -> tuple[UidPool, socket.socket]:
    """User ids that no other server of this machine uses, while the socket is open; ends what the last one left.

    Raises:
        LookupError: all are taken.
    """
    for first in range(FIRST_UID, LAST_UID, _BLOCK):
        claimed = socket.socket(socket.AF_UNIX)
        try:
            # A name without a file is given back by the kernel, however its holder ends.
            claimed.bind(f"\0sage-bridge-users-{first}")
        except OSError:
            claimed.close()
            continue
        kill_leftovers(first, first + _BLOCK - 1)
        return UidPool(first, first + _BLOCK - 1), claimed
    raise LookupError("every session user id of this machine is taken by other servers")


def running_as(uids: range | set[int], most: int = 50_000) -> dict[int, int]:
    """Pid → uid of the processes of ``uids``, zombies left out, among at most ``most`` entries of ``/proc``."""
    found = {}
    with contextlib.suppress(OSError), os.scandir("/proc") as entries:
        for seen, entry in enumerate(entries):
            if seen >= most:
                break
            if not entry.name.isdigit():
                continue
            try:
                # A process that may not be dumped has files of root's, so the owner of the directory won't do.
                with open(f"/proc/{entry.name}/status", "rb", 0) as file:
                    text = file.read(4096)
                uid = int(text[text.index(b"\nUid:") + 5 :].split(None, 1)[0])
                if uid in uids and text[text.index(b"\nState:") + 7 :].split(None, 1)[0] not in (b"Z", b"X"):
                    found[int(entry.name)] = uid
            except (OSError, IndexError, ValueError):
                continue
    return found


def kill_all_of(uid: int, seconds: float = 0.5) -> bool:
    """Kills every process of ``uid``, which must be above 65535; True when none is left. Root only.

    A child takes the user's id and signals "everyone I may": the kernel walks the list, so no fork escapes it.
    """
    if uid < 65_536:
        raise ValueError(f"not a session's user id: {uid}")
    deadline = time.monotonic() + seconds
    while True:
        pid = os.fork()
        if pid == 0:
            try:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                os.kill(-1, 9)
            except OSError:
                pass
            finally:
                os._exit(0)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        if not running_as({uid}):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)


def kill_leftovers(first: int = FIRST_UID, last: int = LAST_UID) -> int:
    """At start, ends what an earlier supervisor left behind; how many users it was. Root only."""
    users = set(running_as(range(first, last + 1)).values())
    for uid in users:
        kill_all_of(uid)
    return len(users)


def become(uid: int) -> None:
    """Turns the calling root process into user and group ``uid``, without groups or capabilities, for good.

    Raises:
        OSError: a step was refused; the caller must then exit.
    """
    if not kernel.bounding_set_is_empty():
        kernel.drop_bounding_set()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    kernel.clear_capabilities()
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (uid, uid, uid):
        raise PermissionError(f"could not become user {uid}")
