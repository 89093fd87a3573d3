# SPDX-License-Identifier: GPL-2.0-or-later
"""What relays ask for: who they are, sessions, executions, questions."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Callable

from . import __version__
from .introspector import Introspector
from .limits import PROTOCOL_VERSION, RETRY_AFTER_MS
from .session import Session
from .wire import encode

if TYPE_CHECKING:
    from .link import Link
    from .supervisor import Supervisor


class Orders:
    """Carries them out."""

    def __init__(self, supervisor: Supervisor, token: str) -> None:
        """``token``: what a relay must know."""
        self._supervisor = supervisor
        self._token = token.encode()
        self._introspector = Introspector(supervisor)
        self._kinds: dict[str, Callable[[Link, dict[str, Any]], None]] = {
            "open": self._open,
            "attach": self._attach,
            "execute": self._execute,
            "answer": self._answer,
            "interrupt": self._interrupt,
            "kill": self._kill,
            "close": self._close,
            "complete": self._ask,
            "inspect": self._ask,
            "budget": self._budget,
            "ack": self._ack,
            "hold": self._hold,
            "ping": self._ping,
        }

    def obey(self, link: Link, message: dict[str, Any]) -> None:
        """Carries out one message that passed its schema."""
        kind = message["type"]
        if not link.is_known:
            self._auth(link, message)
        elif kind == "auth":
            link.fault("bad-message", "This link is authenticated already.")
        else:
            self._kinds[kind](link, message)

    def _auth(self, link: Link, message: dict[str, Any]) -> None:
        token = message.get("token", "") if message["type"] == "auth" else ""
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token):
            link.refuse()
            return
        if message["version"] != PROTOCOL_VERSION:
            link.fault("unsupported-version", f"Version {PROTOCOL_VERSION} is spoken here.")
            link.close()
            return
        link.is_known = True
        link.known()
        self.introduce(link)

    def introduce(self, link: Link) -> None:
        """Tells a relay what it talks to, if it is known; again when that has become something else."""
        if not link.is_known:
            return
        facts = self._supervisor.nursery.facts
        link.send(
            encode(
                {
                    "type": "ready",
                    "version": PROTOCOL_VERSION,
                    "bridge": __version__,
                    "sage": facts["sage"],
                    "python": facts["python"],
                    "fingerprint": self._supervisor.fingerprint,
                    "languages": facts["languages"],
                    "parked": self._supervisor.pool.parked,
                    "maxSessions": self._supervisor.settings.max_sessions,
                    "sandbox": self._supervisor.quarters.plan.report(),
                    "limits": self._supervisor.settings.report(self._supervisor.quarters.unenforced()),
                }
            )
        )

    def _mine(self, link: Link, identifier: str | None) -> Session | None:
        session = self._supervisor.sessions.get(identifier) if identifier is not None else None
        return session if session is not None and session.outlet.link is link else None

    def _find(self, link: Link, message: dict[str, Any], about: str) -> Session | None:
        session = self._mine(link, message["session"])
        if session is None or session.is_ended:
            link.fault("unknown-session", "No such session on this link.", about=about)
            return None
        return session

    def _new(self, link: Link, identifier: str, stateless: bool, after: int = 0) -> Session:
        session = Session(self._supervisor, identifier, link, stateless, after)
        self._supervisor.sessions[identifier] = session
        link.sessions.add(session)
        return session

    def _open(self, link: Link, message: dict[str, Any]) -> None:
        identifier = message["session"]
        if identifier in self._supervisor.sessions:
            link.fault("duplicate-id", "A session of that name exists.", about=identifier)
            return
        session = self._new(link, identifier, stateless=False, after=message.get("after", 0))
        if not self._supervisor.pool.take(session):
            session.refuse("No worker is free and the queue is full. Try again.")

    def _attach(self, link: Link, message: dict[str, Any]) -> None:
        session = self._supervisor.sessions.get(message["session"])
        if session is not None and session.is_copy:
            # Its history may be there in part only: whoever comes for it builds it from the beginning.
            session.discard(link)
            session = None
        if session is None or session.is_stateless:
            link.send(
                encode(
                    {
                        "type": "closed",
                        "session": message["session"],
                        "reason": "lost",
                        "message": "The session and its variables are gone.",
                        "code": "session-lost",
                    }
                )
            )
            return
        session.attach(link, message["after"])

    def _execute(self, link: Link, message: dict[str, Any]) -> None:
        session = self._mine(link, message["session"])
        if message.get("stateless"):
            if session is not None and session.is_stateless:
                session.execute(message)
                return
            if message["session"] in self._supervisor.sessions:
                self._lost(link, message, "duplicate-id", "A session of that name exists.")
                return
            session = self._new(link, message["session"], stateless=True)
            session.execute(message)
            if not self._supervisor.pool.take(session):
                session.refused()
        elif session is None:
            self._lost(link, message, "unknown-session", "No such session on this link.")
        else:
            session.execute(message)

    @staticmethod
    def _lost(link: Link, message: dict[str, Any], code: str, sentence: str) -> None:
        done = {
            "type": "done",
            "execution": message["execution"],
            "session": message["session"],
            "status": "lost",
            "wallMs": 0,
            "cpuMs": 0,
            "cached": False,
            "truncated": False,
            "message": sentence,
            "error": {"code": code},
        }
        link.send(encode(done))

    def _answer(self, link: Link, message: dict[str, Any]) -> None:
        session = self._find(link, message, message["execution"])
        if session is None:
            return
        if not session.answer(message["execution"], message.get("text"), message.get("prompt")):
            link.fault("unknown-execution", "No execution of that name asks.", about=message["execution"])

    def _interrupt(self, link: Link, message: dict[str, Any]) -> None:
        session = self._find(link, message, message["execution"])
        if session is not None and not session.interrupt(message["execution"]):
            link.fault("unknown-execution", "No such execution runs or waits.", about=message["execution"])

    def _kill(self, link: Link, message: dict[str, Any]) -> None:
        session = self._find(link, message, message["execution"])
        if session is not None and not session.kill(message["execution"]):
            link.fault("unknown-execution", "No such execution runs or waits.", about=message["execution"])

    def _close(self, link: Link, message: dict[str, Any]) -> None:
        session = self._find(link, message, message["session"])
        if session is not None:
            session.end("closed", "The session was closed.")

    def _ask(self, link: Link, message: dict[str, Any]) -> None:
        if "session" not in message:
            self._introspector.ask(message, link)
            return
        session = self._find(link, message, message["request"])
        if session is None:
            return
        inquiries = session.inquiries
        if inquiries is None:
            link.fault("busy", "The session is busy.", about=message["request"], retryAfterMs=RETRY_AFTER_MS)
        else:
            inquiries.ask(message, lambda answer: link.send(encode(answer)))

    def _budget(self, link: Link, message: dict[str, Any]) -> None:
        session = self._find(link, message, message["request"])
        if session is None:
            return
        left = session.remaining(message.get("execution"))
        if left is None:
            link.fault("unknown-execution", "No such execution runs or waits.", about=message["request"])
        else:
            link.send(encode({"type": "remaining", "request": message["request"], **left}))

    def _ack(self, link: Link, message: dict[str, Any]) -> None:
        session = self._mine(link, message["session"])
        if session is not None:
            session.acknowledge(message["seq"])

    def _hold(self, link: Link, message: dict[str, Any]) -> None:
        session = self._mine(link, message["session"])
        if session is not None:
            session.hold(message["isHeld"])

    def _ping(self, link: Link, message: dict[str, Any]) -> None:
        link.send(encode({**message, "type": "pong", "workers": self._supervisor.pool.counts()}))
