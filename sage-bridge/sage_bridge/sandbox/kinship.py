# SPDX-License-Identifier: GPL-2.0-or-later
"""Who descends from whom among the processes that ``/proc`` shows."""

from __future__ import annotations

import os


def _state_and_parent(pid: int | str) -> tuple[bytes, int]:
    """Raises OSError when it is gone."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        state, parent = file.read().rpartition(b") ")[2].split()[:2]
    return state, int(parent)


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return _state_and_parent(pid)[0] not in (b"Z", b"X")
    except (OSError, ValueError):
        return False


def children(pid: int) -> list[int]:
    """The processes whose parent is ``pid`` now, zombies included; none when it is gone."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                found += map(int, file.read().split())
    except FileNotFoundError:
        # It, or a thread of it, is gone; or the kernel does not keep these lists.
        return found if _keeps_lists() else _children_by_table(pid)
    except (OSError, ValueError):
        pass
    return found


def _keeps_lists() -> bool:
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def _children_by_table(pid: int) -> list[int]:
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if _state_and_parent(name)[1] == pid:
                found.append(int(name))
        except (OSError, ValueError):
            continue
    return found


def descendants(pid: int) -> list[int]:
    """All processes below ``pid``, nearest first, zombies included; ``pid`` itself is not among them."""
    found = children(pid)
    seen = set(found)
    for one in found:
        fresh = [child for child in children(one) if child not in seen]
        seen.update(fresh)
        found += fresh
    return found
