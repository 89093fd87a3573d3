# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a session's messages go: to the relay that has it, numbered and kept until they are acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .journal import Journal
from .limits import SESSION_BUFFER_BYTES
from .wire import dumps, framed

if TYPE_CHECKING:
    from .link import Link
    from .session import Session


class Outlet:
    """One session's; a link comes and goes.

    Attributes:
        link: where messages go; None while no relay is attached.
        unlinked_at: since when nobody has asked for the session, on the loop's clock; None while somebody has it.
    """

    def __init__(self, session: Session, link: Link, after: int) -> None:
        """``after``: the relay has numbered so far. Messages of a stateless session are not kept."""
        self.link: Link | None = link
        self.unlinked_at: float | None = None
        self._session = session.id
        self._journal = Journal(session.id, keeps=not session.is_stateless, after=after)
        self._is_held = False

    def emit(self, kind: str, fields: dict[str, Any]) -> None:
        """The next message of the session."""
        self.emit_text(dumps({"type": kind, **fields})[:-1])

    def emit_text(self, text: str) -> None:
        """The same for one whose JSON text is there, without its last brace: it is the session that is written last."""
        written = self._journal.write(text)
        if self.link is not None:
            self.link.send(written)

    def aside(self, message: dict[str, Any]) -> None:
        """A message without a number: it is not kept, and lost when no relay is attached."""
        self.aside_text(dumps(message))

    def aside_text(self, text: str) -> None:
        """The same for one whose JSON text is there."""
        if self.link is not None:
            self.link.send(framed(text))

    def flush(self) -> None:
        """Sends now what was emitted."""
        if self.link is not None:
            self.link.flush()

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be said for now: it is not read, or too much of it is not acknowledged."""
        if self.link is not None and (self._is_held or self.link.is_slow):
            return True
        return self._journal.size >= SESSION_BUFFER_BYTES

    @property
    def is_settled(self) -> bool:
        """Whether all that was kept has been acknowledged."""
        return not self._journal.size

    def acknowledge(self, sequence: int) -> None:
        """Messages up to ``sequence`` have arrived and are let go."""
        self._journal.release(sequence)

    def hold(self, is_held: bool) -> None:
        """The client does not read, or reads again."""
        self._is_held = is_held

    def opened(self, resumed: bool, missed: int = 0) -> None:
        """Tells that the session is there; ``missed`` messages could not be kept."""
        self.aside({"type": "opened", "session": self._session, "resumed": resumed, "missed": missed})

    def leave(self, session: Session, link: Link) -> None:
        """``link`` has the session from now on: the one before is told."""
        if self.link is not None and self.link is not link:
            self.link.sessions.discard(session)
            # Not numbered: it is no message of the session's, which goes on.
            self.aside(
                {
                    "type": "closed",
                    "session": self._session,
                    "reason": "taken-over",
                    "message": "Another connection has taken the session over.",
                    "code": "session-lost",
                }
            )

    def attach(self, session: Session, link: Link, after: int) -> None:
        """``link`` takes the session over and gets everything after ``after``."""
        self.leave(session, link)
        self.link = link
        self._is_held = False
        link.sessions.add(session)
        self.opened(resumed=True, missed=self._journal.missed(after))
        self._journal.release(min(after, self._journal.last))
        for written in self._journal.frames():
            link.send(written)
