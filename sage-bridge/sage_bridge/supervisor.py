# SPDX-License-Identifier: GPL-2.0-or-later
"""The process that holds the sockets, the sessions and the deadlines. Never imports Sage, never runs readers' code."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import traceback
from pathlib import Path
from typing import Any, Callable

from . import log, messages, sandbox
from .eventloop import EventLoop
from .installed import Installed
from .limits import TICK_SECONDS, Settings
from .link import Link
from .nursery import Nursery
from .orders import Orders
from .pool import Pool
from .quarters import Quarters
from .sandbox import levels
from .session import Session

#: How often sessions and queues are looked through for what is overdue, seconds.
SWEEP_SECONDS = 0.25
#: How often files are counted where no quota bounds them, seconds.
DISK_SECONDS = 1.0
#: How often it is looked whether packages were installed, seconds. Nothing must have changed between two looks.
PACKAGES_SECONDS = 2.0
#: Text collected in one tick from which on the next comes sooner, bytes: half a pipe.
BUSY_BYTES = 32_768


class Supervisor:
    """Everything of one bridge.

    Attributes:
        links: connections of relays.
        sessions: by name, those that ended and may still be asked for included.
        orders: carries out what relays send.
        commands: reads what relays send.
        is_output: judges an output value of a worker.
        are_expressions: judges what a worker says became of expressions.
        fingerprint: of all that the answers of workers forked now may depend on; empty before there are any.
    """

    def __init__(
        self,
        directory: str,
        token: str,
        settings: Settings,
        plan: sandbox.Plan,
        hierarchies: sandbox.Hierarchies | None,
    ) -> None:
        """For the running event loop, which is an ``EventLoop``.

        Args:
            directory: the bridge's own, existing and empty; removed by whoever made it.
            token: shared with the relays.
            settings: what the operator chose.
            plan: how workers are shut in.
            hierarchies: where control groups are made, if anywhere; closed by whoever opened them.
        """
        self.settings = settings
        loop = asyncio.get_running_loop()
        assert isinstance(loop, EventLoop)
        self.loop = loop
        self.now = self.loop.time
        self.links: set[Link] = set()
        schemas = messages.load()
        self.commands = messages.Judge(schemas["bridgeCommand"])
        output = messages.field_check(schemas, "output", "output")
        self.is_output: Callable[[Any], bool] = lambda value: output(value) is None
        expressions = messages.field_check(schemas, "done", "expressions")
        self.are_expressions: Callable[[Any], bool] = lambda value: expressions(value) is None
        self.sessions: dict[str, Session] = {}
        self._running: set[Session] = set()
        self._ticker: asyncio.TimerHandle | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._next_look = 0.0
        self._next_look_at_packages = 0.0
        self._installed = Installed(())
        self._packages = b""
        self.fingerprint = ""
        self._first = self.loop.create_future()
        self.loop.set_exception_handler(_report)
        self.quarters = Quarters(directory, plan, hierarchies, settings.quota)
        self.nursery = Nursery(directory, self.quarters, self._zygote_ready, self._zygote_improved)
        for gap in self.quarters.unenforced():
            log.warn("a limit is not kept on this machine", **gap)
        self.pool = Pool(self.quarters, settings, self.nursery, self._parked)
        self.orders = Orders(self, token)

    async def start(self) -> None:
        """Starts the zygote; returns when the first worker is ready."""
        # Strays of a keeper that was killed.
        sandbox.become_subreaper()
        self.loop.add_signal_handler(signal.SIGCHLD, self.nursery.collect)
        self.nursery.start()
        self._sweep()
        await self._first

    def _zygote_ready(self) -> None:
        facts, before = self.nursery.facts, self.fingerprint
        self._installed = Installed(facts["path"])
        self._packages = self._installed.digest()
        languages = ",".join(sorted(facts["languages"]))
        digest = hashlib.sha256(f"{facts['sage']}\n{facts['python']}\n{languages}\n".encode())
        for file in sorted(Path(__file__).parent.rglob("*")):
            if file.suffix in (".py", ".json"):
                digest.update(file.read_bytes())
        digest.update(self._packages)
        self.fingerprint = digest.hexdigest()[:32]
        self.nursery.name(self.fingerprint)
        if before not in ("", self.fingerprint):
            for link in self.links:
                self.orders.introduce(link)
            self.pool.replace()
        self.pool.fill()

    def _zygote_improved(self) -> None:
        log.info("GAP's state is kept; workers forked from now on load it")
        self.pool.renew()

    def _parked(self) -> None:
        if not self._first.done():
            self._first.set_result(None)

    async def stop(self) -> None:
        """Ends every session, worker and link, and the zygote; returns when the processes are gone."""
        for timer in (self._ticker, self._sweeper):
            if timer is not None:
                timer.cancel()
        for link in list(self.links):
            link.close()
        self.pool.close()
        for _ in range(100):
            if not self.pool.workers():
                break
            await asyncio.sleep(0.01)
        self.nursery.close()
        for round_ in range(200):
            self.nursery.collect()
            if not self.nursery.keepers:
                break
            if round_ == 100:
                self.nursery.close(at_once=True)
            await asyncio.sleep(0.01)
        self.quarters.close()

    # ---- sessions ----

    def runs(self, session: Session) -> None:
        """The session has an execution to watch."""
        self._running.add(session)
        if self._ticker is None:
            self._ticker = self.loop.call_later(TICK_SECONDS, self._tick)

    def rests(self, session: Session) -> None:
        """The session has none any more."""
        self._running.discard(session)

    def _tick(self) -> None:
        now = self.now()
        most = 0
        for session in list(self._running):
            most = max(most, session.tick(now))
        self._ticker = None
        if self._running:
            self._ticker = self.loop.call_later(TICK_SECONDS / 10 if most >= BUSY_BYTES else TICK_SECONDS, self._tick)

    def _sweep(self) -> None:
        now = self.now()
        self.pool.sweep(now)
        self.quarters.sweep()
        self._watch_files(now)
        self._watch_packages(now)
        for session in list(self.sessions.values()):
            session.sweep(now)
        self._sweeper = self.loop.call_later(SWEEP_SECONDS, self._sweep)

    def _watch_files(self, now: float) -> None:
        if self.quarters.plan.has(levels.QUOTA) or not self.quarters.is_visible or now < self._next_look:
            return
        self._next_look = now + DISK_SECONDS
        for session in list(self.sessions.values()):
            if session.directory is not None:
                self.quarters.look(session.directory, session.exceeds)

    def _watch_packages(self, now: float) -> None:
        if now < self._next_look_at_packages:
            return
        self._next_look_at_packages = float("inf")
        # They may lie on another machine that does not answer.
        self.loop.run_in_executor(None, self._has_other_packages).add_done_callback(self._looked_at_packages)

    def _has_other_packages(self) -> bool:
        return self._installed.may_have_changed() and self._installed.digest() != self._packages

    def _looked_at_packages(self, looked: asyncio.Future[bool]) -> None:
        self._next_look_at_packages = self.now() + PACKAGES_SECONDS
        if not looked.cancelled() and looked.result():
            log.info("other packages are installed than before; sessions from now on have them")
            # What it has imported may be of the packages that were there before.
            self.nursery.renew()

    def ended(self, session: Session) -> None:
        """The session has no worker any more; it is kept only while somebody may fetch its last messages."""
        self._running.discard(session)
        if session.is_stateless:
            self.forget(session)
        elif session.outlet.unlinked_at is None:
            session.outlet.unlinked_at = self.now()

    def forget(self, session: Session) -> None:
        """Nobody can ask for the session any more."""
        if self.sessions.get(session.id) is session:
            del self.sessions[session.id]
        if session.outlet.link is not None:
            session.outlet.link.sessions.discard(session)

    def unlinked(self, link: Link) -> None:
        """A link is gone."""
        for session in list(link.sessions):
            session.detach()
        link.sessions.clear()


def _report(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A defect in a callback: told, and survived."""
    error = context.get("exception")
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    log.warn("internal error", kind=type(error).__name__, what=context.get("message", ""), where=where)
