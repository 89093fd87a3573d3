# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a session may live, and how long nothing may be run in it."""

from __future__ import annotations

from .limits import Settings


class Lifetime:
    """One session's clock; times in seconds on the loop's."""

    def __init__(self, settings: Settings, now: float) -> None:
        self._settings = settings
        self._created = self._active = now

    def used(self, now: float) -> None:
        """Something was asked of the session, or ended in it."""
        self._active = now

    def overdue(self, now: float, is_running: bool) -> tuple[str, str] | None:
        """The limit that has been reached, ``lifetime`` or ``idle``, and in words what it is; else None."""
        settings = self._settings
        if now - self._created > settings.lifetime:
            return "lifetime", f"A session lives at most {settings.lifetime:g} s."
        if not is_running and now - self._active > settings.idle:
            return "idle", f"Nothing was run for {settings.idle:g} s."
        return None

    def left(self, now: float, is_at_rest: bool) -> dict[str, float]:
        """What is left, milliseconds, as fields of ``remaining``; idle time only of a session at rest."""
        left = {}
        if is_at_rest:
            left["idleMs"] = max(0.0, round((self._active + self._settings.idle - now) * 1_000, 3))
        left["lifetimeMs"] = max(0.0, round((self._created + self._settings.lifetime - now) * 1_000, 3))
        return left
