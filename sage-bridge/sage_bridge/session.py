# SPDX-License-Identifier: GPL-2.0-or-later
"""A session: one worker, and its executions one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import processes
from .execution import Execution
from .inquiries import Inquiries
from .languages_errors import missing
from .lifetime import Lifetime
from .limits import INTERRUPT_GRACE_MS, MAX_WAITING_EXECUTIONS
from .outlet import Outlet
from .remote import RemoteWorker
from .report import Report
from .sandbox import levels
from .waiting import Waiting
from .watchdog import FATAL, Watchdog

if TYPE_CHECKING:
    from .link import Link
    from .supervisor import Supervisor


class Session:
    """Owned by the supervisor, which is told by ``ended`` when the worker is gone.

    Attributes:
        outlet: where its messages go.
        is_ended: its worker is gone; what is not acknowledged can still be fetched.
        is_copy: a relay builds it again from what it ran elsewhere, and has run nothing new in it yet.
    """

    def __init__(self, supervisor: Supervisor, identifier: str, link: Link, stateless: bool, after: int = 0) -> None:
        self.id = identifier
        self.is_stateless = stateless
        self.is_ended = False
        self.is_copy = after > 0
        self.outlet = Outlet(self, link, after)
        self._supervisor = supervisor
        self._report = Report(supervisor, identifier, self.outlet)
        self._lifetime = Lifetime(supervisor.settings, supervisor.now())
        self._worker: RemoteWorker | None = None
        self._watchdog: Watchdog | None = None
        self._inquiries: Inquiries | None = None
        self._place: int | None = None
        self._current: Execution | None = None
        self._queue = Waiting()

    # ---- a worker ----

    def arrived(self, worker: RemoteWorker) -> None:
        """The pool has a worker for this session."""
        self._worker = worker
        self._report.fingerprint = worker.fingerprint
        is_grouped = self._supervisor.quarters.plan.has(levels.CGROUP_MEMORY)
        self._watchdog = Watchdog(worker, self._supervisor.settings.quota, watches_memory=not is_grouped)
        worker.owner = self
        if not self.is_stateless:
            self._inquiries = Inquiries(worker, self._supervisor.loop, self._pump)
            self.outlet.opened(resumed=False)
        self._pump()

    def refused(self) -> None:
        """The pool had none in time."""
        if self.is_stateless and self._queue:
            self._report.lost(self._queue.next(), "busy", "No worker became free in time. Try again.")
            self.is_ended = True
            self._supervisor.ended(self)
        else:
            self.refuse("No worker became free in time. Try again.")

    def refuse(self, message: str) -> None:
        """Ends a session that never had a worker; its name is free again."""
        self.end("refused", message, code="busy")
        self._supervisor.forget(self)

    def moved(self, position: int) -> None:
        """So many wait for a worker before this session; told when it matters, not at every step of a long queue."""
        if self._place is not None and 0 < position > self._place // 2:
            return
        self._place = position
        for offset, execution in enumerate(self._queue):
            self._report.state(execution, "queued", position + offset)

    # ---- its relay ----

    def regulate(self) -> None:
        """Listens to the worker only while there is room for what it says."""
        if self._worker is None:
            return
        execution = self._current
        stopping = execution is not None and (execution.interrupted or execution.kill_at is not None)
        if execution is not None and stopping and self.outlet.is_full:
            # To be stopped and not heard: it would never end. What it still says is dropped, and said so.
            execution.truncated = True
            self._worker.hold(False)
        else:
            self._worker.hold(self.outlet.is_full)

    def acknowledge(self, sequence: int) -> None:
        """Messages up to ``sequence`` have arrived and are let go."""
        self.outlet.acknowledge(sequence)
        self.regulate()
        if self.is_ended and self.outlet.is_settled:
            self._supervisor.forget(self)

    def hold(self, is_held: bool) -> None:
        """The client does not read: its relay asks to hold the worker's output back, or to let it flow again."""
        self.outlet.hold(is_held)
        self.regulate()

    def attach(self, link: Link, after: int) -> None:
        """``link`` takes the session over and gets everything after ``after``."""
        self.outlet.attach(self, link, after)
        self.outlet.unlinked_at = self._supervisor.now() if self.is_ended else None
        self.regulate()

    def detach(self) -> None:
        """Its link is gone."""
        self.outlet.link = None
        if self.is_stateless:
            self._vanish()
        else:
            self.outlet.unlinked_at = self._supervisor.now()
            self.regulate()

    def discard(self, link: Link) -> None:
        """Ends without a word of what runs, since ``link`` wants it and gets it otherwise."""
        self.outlet.leave(self, link)
        self._vanish()
        self._supervisor.forget(self)

    def _vanish(self) -> None:
        self._queue.clear()
        self._current = None
        self._leave()

    # ---- executions ----

    def execute(self, message: dict[str, Any]) -> None:
        """Runs code now or after what is before it. An id seen before does nothing: its messages came or will come."""
        settings = self._supervisor.settings
        if not self._queue.is_news(message["execution"]):
            return
        now = self._supervisor.now()
        execution = Execution(message, settings.stateless if self.is_stateless else settings.session, now)
        if self.is_ended:
            self._report.lost(execution, "session-lost", "The session has ended.")
            return
        if execution.language not in self._supervisor.nursery.facts["languages"]:
            self._report.lost(execution, "unknown-language", missing(execution.language))
            return
        if self._queue.is_full:
            sentence = f"At most {MAX_WAITING_EXECUTIONS} executions of a session may wait."
            self._report.lost(execution, "too-many", sentence)
            return
        self._lifetime.used(now)
        self.is_copy = self.is_copy and execution.is_replay
        self._queue.add(execution)
        if self._worker is not None:
            self._pump()
        elif not self.is_stateless:
            # A stateless session is told its place by the pool.
            self._report.state(execution, "queued", len(self._queue) - 1)

    def _pump(self) -> None:
        worker = self._worker
        if worker is None or self._current is not None or not self._queue:
            return
        if self._inquiries is not None and self._inquiries.is_busy:
            return
        execution = self._queue.next()
        self._current = execution
        assert self._watchdog is not None
        self._watchdog.begin(execution, self._supervisor.now())
        execution.marks.directory = worker.directory
        worker.send_text(execution.command)
        self._supervisor.runs(self)
        if execution.announced is not None:
            self._report.state(execution, "running")

    def _done(self, execution: Execution, status: str, **rest: Any) -> None:
        cpu = 0.0
        if execution.started and self._worker is not None:
            cpu = max(0.0, self._worker.cpu_seconds() - execution.cpu_started)
        self._report.done(execution, status, cpu, **rest)

    def _finish(self, status: str, **rest: Any) -> None:
        execution, self._current = self._current, None
        self._supervisor.rests(self)
        self._lifetime.used(self._supervisor.now())
        if execution is not None:
            self._done(execution, status, **rest)
        if self.is_stateless:
            self.is_ended = True
            # The answer goes first; ending the process can wait.
            self.outlet.flush()
            self._retire()
            self._supervisor.ended(self)
        else:
            self._pump()

    def _limited(self, execution: Execution) -> dict[str, Any]:
        assert self._watchdog is not None
        limit = str(execution.limit)
        return {"limit": limit, "message": self._watchdog.sentence(execution, limit)}

    def _known(self, identifier: str) -> Execution | None:
        """The execution of that name, if it runs or waits."""
        if self._current is not None and self._current.id == identifier:
            return self._current
        return next((one for one in self._queue if one.id == identifier), None)

    def answer(self, identifier: str, text: str | None, prompt: int | None = None) -> bool:
        """Passes the reader's answer on; False when the execution does not ask.

        ``prompt``: which of its prompts is answered, from 1; a prompt answered before takes no second answer. None
        for the one that waits.
        """
        execution, worker = self._current, self._worker
        if execution is None or worker is None or execution.id != identifier:
            return False
        asked = execution.prompts if execution.is_asking else execution.prompts + 1
        if prompt is not None and prompt < asked:
            return True
        if not execution.is_asking or prompt not in (None, asked):
            return False
        execution.is_asking = False
        reply: dict[str, Any] = {"type": "answer", "number": execution.number}
        if text is not None:
            reply["text"] = text
        worker.send(reply)
        return True

    def interrupt(self, identifier: str) -> bool:
        """Stops an execution, or takes it out of the queue; False when there is none of that name."""
        if self._current is not None and self._current.id == identifier:
            self._current.interrupted = True
            if self._worker is not None:
                self._worker.interrupt(self._current.number)
                self.regulate()
            return True
        execution = self._queue.take(identifier)
        if execution is None:
            return False
        self._done(execution, "interrupted", message="Taken out of the queue on request.")
        if self.is_stateless:
            self._leave()
        return True

    def kill(self, identifier: str) -> bool:
        """Ends the process, and with it the session; False when there is no execution of that name."""
        if self._known(identifier) is None:
            return False
        self.end("killed", "Killed on request.")
        return True

    # ---- the end ----

    def end(self, reason: str, message: str, code: str | None = None, limit: str | None = None) -> None:
        """Ends the session: every execution gets its ``done``, then the session its ``closed``."""
        if self.is_ended:
            return
        if self._worker is not None and reason != "died":
            self._worker.drain(final=True)
        self.is_ended = True
        execution, self._current = self._current, None
        self._supervisor.rests(self)
        if execution is not None:
            if execution.limit is not None:
                status = "killed" if execution.limit in FATAL else "timeout"
                self._done(execution, status, **self._limited(execution))
            else:
                self._done(execution, "killed", message=message, limit=limit)
        for waiting in self._queue:
            if code is not None:
                self._report.lost(waiting, code, message)
            else:
                self._done(waiting, "killed", message=message, limit=limit)
        self._queue.clear()
        if not self.is_stateless:
            fields = {"reason": reason, "message": message}
            if code is not None:
                fields["code"] = code
            self.outlet.emit("closed", fields)
        self.outlet.flush()
        self._retire()
        self._supervisor.ended(self)

    def _leave(self) -> None:
        self.is_ended = True
        self._retire()
        self._supervisor.ended(self)

    def _retire(self) -> None:
        self._close_inquiries()
        worker, self._worker = self._worker, None
        if worker is not None:
            self._supervisor.pool.give_back(worker)
        else:
            self._supervisor.pool.leave(self)

    def _close_inquiries(self) -> None:
        # Nothing refers in a circle to a session that has ended: its memory is free at once.
        inquiries, self._inquiries = self._inquiries, None
        if inquiries is not None:
            inquiries.close()

    # ---- what the worker says ----

    def text(self, name: str, text: str) -> None:
        """Text the worker wrote."""
        if self._current is not None:
            self._report.text(self._current, name, text)

    def frame(self, frame: dict[str, Any]) -> None:
        """A message of the worker's: its shape is checked here, its claims are not believed."""
        kind = frame.get("type")
        if kind == "reply" and self._inquiries is not None:
            self._inquiries.answered(frame.get("answer"))
        elif self._current is None:
            return
        elif kind == "output":
            self._report.value(self._current, frame.get("output"))
        elif kind == "within":
            self._report.within(self._current, frame.get("interact"))
        elif kind == "done":
            # What it has not left it has left now.
            self._report.within(self._current, None)
            self._worker_done(frame)

    def _worker_done(self, frame: dict[str, Any]) -> None:
        execution = self._current
        if execution is None:
            return
        status = frame.get("status")
        stopped = execution.interrupted or execution.limit is not None
        if not (status == "interrupted" and stopped):
            outputs = frame.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                self._report.value(execution, output)
        if execution.limit is not None:
            self._finish("timeout", **self._limited(execution))
        elif status == "interrupted" and stopped:
            self._finish("interrupted", message="Stopped on request.")
        else:
            self._finish("ok" if status == "ok" else "error", **self._report.verdict(execution, frame))

    def settled(self) -> None:
        """Everything the worker said so far has been told."""
        self.outlet.flush()
        self.regulate()

    def died(self, status: int | None) -> None:
        """The worker is gone by itself."""
        worker, self._worker = self._worker, None
        self._close_inquiries()
        if worker is not None:
            self._supervisor.pool.lost(worker)
            if worker.ran_out_of_memory:
                self.exceeds("memory", "died")
        self.end("died", processes.explain(status))

    def exceeds(self, limit: str, reason: str = "killed") -> None:
        """Ends the session for what it takes as a whole."""
        execution = self._current
        if execution is not None:
            execution.limit = limit
        text = "It took more memory or files than a session may have."
        if execution is not None and self._watchdog is not None:
            text = self._watchdog.sentence(execution, limit)
        self.end(reason, text, limit=limit)

    # ---- time ----

    def tick(self, now: float) -> int:
        """Collects text and enforces limits of the running execution. Returns bytes collected."""
        worker, execution = self._worker, self._current
        if worker is None or execution is None:
            return 0
        self._report.lasting(execution, self._queue, now)
        collected = worker.collect()
        if self._current is not execution:
            return collected
        if execution.kill_at is not None:
            if now >= execution.kill_at:
                self.end("killed", "It did not stop when it was interrupted, so its process was ended.")
            return collected
        assert self._watchdog is not None
        limit = self._watchdog.breach(execution, now)
        if limit in FATAL:
            self.exceeds(str(limit))
        elif limit is not None:
            execution.limit = limit
            execution.kill_at = now + INTERRUPT_GRACE_MS / 1_000
            worker.interrupt(execution.number)
            self.regulate()
        else:
            self.outlet.flush()
        return collected

    def remaining(self, identifier: str | None) -> dict[str, Any] | None:
        """What is left of the limits, as fields of ``remaining``; None when no execution of that name runs or waits.

        ``identifier``: the execution that is asked about; None for the one that runs, if one does.
        """
        execution = self._current
        if identifier is not None:
            execution = self._known(identifier)
            if execution is None:
                return None
        now = self._supervisor.now()
        left: dict[str, Any] = {}
        if execution is not None:
            left["execution"] = execution.id
            left.update(self._watchdog.left(execution, now) if self._watchdog else execution.limits.report())
        if not self.is_stateless:
            left.update(self._lifetime.left(now, is_at_rest=self._current is None and not self._queue))
        return left

    @property
    def directory(self) -> str | None:
        """Where its files are, if somebody has to look how many they are."""
        return self._worker.directory if self._worker is not None and not self.is_ended else None

    def sweep(self, now: float) -> None:
        """Ends what has been idle, alive or without a relay for too long; to be called regularly."""
        since = self.outlet.unlinked_at
        if since is not None and now - since > self._supervisor.settings.grace:
            self.end("lost", "No relay asked for the session any more.")
            self._supervisor.forget(self)
        elif not self.is_ended and not self.is_stateless:
            overdue = self._lifetime.overdue(now, is_running=self._current is not None)
            if overdue is not None:
                self.end(*overdue, limit=overdue[0])

    # ---- questions ----

    @property
    def inquiries(self) -> Inquiries | None:
        """Who answers completions now; None while an execution runs or waits, or there is no worker."""
        if self._current is not None or self._queue:
            return None
        return self._inquiries
