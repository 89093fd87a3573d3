# SPDX-License-Identifier: GPL-2.0-or-later
"""A session: one worker, its executions in order, its numbered messages kept until they are acknowledged."""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

from . import log, processes
from .execution import Execution, pieces
from .inquiries import Inquiries
from .journal import Journal
from .languages_errors import missing
from .limits import (
    INTERRUPT_GRACE_MS,
    MAX_OUTPUT_MESSAGE_BYTES,
    MAX_REMEMBERED_EXECUTIONS,
    MAX_WAITING_EXECUTIONS,
    RETRY_AFTER_MS,
    SESSION_BUFFER_BYTES,
)
from .remote import RemoteWorker
from .sandbox import levels
from .watchdog import FATAL, Watchdog, limit_of
from .wire import encode

if TYPE_CHECKING:
    from .link import Link
    from .supervisor import Supervisor


class Session:
    """Owned by the supervisor, which is told by ``ended`` when the worker is gone.

    Attributes:
        link: where messages go; None while no relay is attached.
        is_ended: its worker is gone; what is not acknowledged can still be fetched.
    """

    def __init__(self, supervisor: Supervisor, identifier: str, link: Link, stateless: bool, after: int = 0) -> None:
        self.id = identifier
        self.link: Link | None = link
        self.is_stateless = stateless
        self.is_ended = False
        now = supervisor.now()
        self.unlinked_at: float | None = None
        self._supervisor = supervisor
        self._created = now
        self._active = now
        self._worker: RemoteWorker | None = None
        self._watchdog: Watchdog | None = None
        self._inquiries: Inquiries | None = None
        self._place: int | None = None
        self._current: Execution | None = None
        self._queue: deque[Execution] = deque()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._journal = Journal(identifier, keeps=not stateless, after=after)
        self._is_held = False

    # ---- a worker ----

    def arrived(self, worker: RemoteWorker) -> None:
        """The pool has a worker for this session."""
        self._worker = worker
        is_grouped = self._supervisor.quarters.plan.has(levels.CGROUP_MEMORY)
        self._watchdog = Watchdog(worker, self._supervisor.settings.quota, watches_memory=not is_grouped)
        worker.owner = self
        if not self.is_stateless:
            self._inquiries = Inquiries(worker, self._supervisor.loop, self._pump)
            if self.link is not None:
                self.link.send(encode(self._opened(resumed=False, missed=0)))
        self._pump()

    def refused(self) -> None:
        """The pool had none in time."""
        if self.is_stateless and self._queue:
            self._lost(self._queue.popleft(), "busy", "No worker became free in time. Try again.")
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
            self._announce(execution, "queued", position + offset)

    def _opened(self, resumed: bool, missed: int) -> dict[str, Any]:
        return {"type": "opened", "session": self.id, "resumed": resumed, "missed": missed}

    # ---- messages out ----

    def _emit(self, kind: str, fields: dict[str, Any]) -> None:
        frame = self._journal.write(kind, fields)
        if self.link is not None:
            self.link.send(frame)

    def _announce(self, execution: Execution, state: str, position: int | None = None) -> None:
        if execution.is_replay or execution.announced == f"{state}{position}":
            return
        execution.announced = f"{state}{position}"
        fields: dict[str, Any] = {"execution": execution.id, "state": state}
        if position is not None:
            fields["position"] = position
        self._emit("status", fields)

    def _output(self, output: dict[str, Any], size: int) -> None:
        execution = self._current
        if execution is None:
            return
        refusal = execution.admit(size)
        if refusal == "":
            return
        if refusal is not None:
            output = {"kind": "stream", "name": "stderr", "text": refusal}
        if not execution.is_replay:
            self._emit("output", {"execution": execution.id, "output": output})

    def _is_full(self) -> bool:
        if self.link is not None and (self._is_held or self.link.is_slow):
            return True
        return self._journal.size >= SESSION_BUFFER_BYTES

    def regulate(self) -> None:
        """Listens to the worker only while there is room for what it says."""
        if self._worker is None:
            return
        execution = self._current
        stopping = execution is not None and (execution.interrupted or execution.kill_at is not None)
        if execution is not None and stopping and self._is_full():
            # To be stopped and not heard: it would never end. What it still says is dropped, and said so.
            execution.truncated = True
            self._worker.hold(False)
        else:
            self._worker.hold(self._is_full())

    def acknowledge(self, sequence: int) -> None:
        """Messages up to ``sequence`` have arrived and are let go."""
        self._journal.release(sequence)
        self.regulate()
        if self.is_ended and not self._journal.size:
            self._supervisor.forget(self)

    def hold(self, is_held: bool) -> None:
        """The client does not read: its relay asks to hold the worker's output back, or to let it flow again."""
        self._is_held = is_held
        self.regulate()

    def attach(self, link: Link, after: int) -> None:
        """``link`` takes the session over and gets everything after ``after``."""
        if self.link is not None and self.link is not link:
            self.link.sessions.discard(self)
            # Not numbered: it is no message of the session's, which goes on.
            taken = {
                "type": "closed",
                "session": self.id,
                "reason": "taken-over",
                "message": "Another connection has taken the session over.",
                "code": "session-lost",
            }
            self.link.send(encode(taken))
        self.link = link
        self._is_held = False
        link.sessions.add(self)
        self.unlinked_at = self._supervisor.now() if self.is_ended else None
        missed = self._journal.missed(after)
        link.send(encode(self._opened(resumed=True, missed=missed)))
        self._journal.release(min(after, self._journal.last))
        for frame in self._journal.frames():
            link.send(frame)
        self.regulate()

    def detach(self) -> None:
        """Its link is gone."""
        self.link = None
        if self.is_stateless:
            self._queue.clear()
            self._current = None
            self._leave()
        else:
            self.unlinked_at = self._supervisor.now()
            self.regulate()

    # ---- executions ----

    def execute(self, message: dict[str, Any]) -> None:
        """Runs code now or after what is before it. An id seen before does nothing: its messages came or will come."""
        settings = self._supervisor.settings
        identifier = message["execution"]
        if identifier in self._seen:
            return
        self._seen[identifier] = None
        if len(self._seen) > MAX_REMEMBERED_EXECUTIONS:
            self._seen.popitem(last=False)
        execution = Execution(message, settings.stateless if self.is_stateless else settings.session)
        if self.is_ended:
            self._lost(execution, "session-lost", "The session has ended.")
            return
        if execution.language not in self._supervisor.nursery.facts["languages"]:
            self._lost(execution, "unknown-language", missing(execution.language))
            return
        if len(self._queue) >= MAX_WAITING_EXECUTIONS:
            self._lost(execution, "too-many", f"At most {MAX_WAITING_EXECUTIONS} executions of a session may wait.")
            return
        self._active = self._supervisor.now()
        self._queue.append(execution)
        if self._worker is None or self._current is not None:
            # A stateless session is told its place by the pool.
            if not self.is_stateless:
                self._announce(execution, "queued", len(self._queue) - 1 + (self._current is not None))
            return
        self._pump()

    def _lost(self, execution: Execution, code: str, message: str) -> None:
        error: dict[str, Any] = {"code": code}
        if code in ("busy", "too-many"):
            error["retryAfterMs"] = RETRY_AFTER_MS
        self._done(execution, "lost", message=message, error=error)

    def _pump(self) -> None:
        worker = self._worker
        if worker is None or self._current is not None or not self._queue:
            return
        if self._inquiries is not None and self._inquiries.is_busy:
            return
        execution = self._queue.popleft()
        self._current = execution
        assert self._watchdog is not None
        self._watchdog.begin(execution, self._supervisor.now())
        execution.marks.directory = worker.directory
        worker.send(execution.command)
        self._supervisor.runs(self)
        if execution.announced is not None:
            self._announce(execution, "running")

    def _done(self, execution: Execution, status: str, **rest: Any) -> None:
        wall = self._supervisor.now() - execution.started if execution.started else 0.0
        cpu = 0.0
        if execution.started and self._worker is not None:
            cpu = max(0.0, self._worker.cpu_seconds() - execution.cpu_started)
        fields = {
            "execution": execution.id,
            "status": status,
            "wallMs": round(wall * 1_000, 3),
            "cpuMs": round((cpu + execution.cpu_children) * 1_000, 3),
            "cached": False,
            "truncated": execution.truncated,
        }
        if execution.exceeded is not None:
            fields["limit"] = execution.exceeded
        fields.update((name, value) for name, value in rest.items() if value is not None)
        if status in ("timeout", "killed", "lost"):
            named = {"session": self.id, "execution": execution.id}
            log.info("an execution did not end by itself", **named, status=status, limit=fields.get("limit"))
        if not execution.is_replay:
            self._emit("done", fields)
        elif self.link is not None:
            self.link.send(encode({"type": "done", **fields, "session": self.id}))

    def _finish(self, status: str, **rest: Any) -> None:
        execution, self._current = self._current, None
        self._supervisor.rests(self)
        self._active = self._supervisor.now()
        if execution is not None:
            self._done(execution, status, **rest)
        if self.is_stateless:
            self.is_ended = True
            if self.link is not None:
                # The answer goes first; ending the process can wait.
                self.link.flush()
            self._retire()
            self._supervisor.ended(self)
        else:
            self._pump()

    def _limited(self, execution: Execution) -> dict[str, Any]:
        assert self._watchdog is not None
        limit = str(execution.limit)
        return {"limit": limit, "message": self._watchdog.sentence(execution, limit)}

    def answer(self, identifier: str, text: str | None) -> bool:
        """Passes the reader's answer on; False when the execution does not ask."""
        execution, worker = self._current, self._worker
        if execution is None or worker is None or execution.id != identifier or not execution.is_asking:
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
        for execution in self._queue:
            if execution.id == identifier:
                self._queue.remove(execution)
                self._done(execution, "interrupted", message="Taken out of the queue on request.")
                if self.is_stateless:
                    self._leave()
                return True
        return False

    def kill(self, identifier: str) -> bool:
        """Ends the process, and with it the session; False when there is no execution of that name."""
        known = [*self._queue] if self._current is None else [self._current, *self._queue]
        if all(execution.id != identifier for execution in known):
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
                self._lost(waiting, code, message)
            else:
                self._done(waiting, "killed", message=message, limit=limit)
        self._queue.clear()
        if not self.is_stateless:
            fields = {"reason": reason, "message": message}
            if code is not None:
                fields["code"] = code
            self._emit("closed", fields)
        if self.link is not None:
            self.link.flush()
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
            self._current.marks.text(name, text)
        for piece in pieces(text):
            size = len(piece) if piece.isascii() else len(piece.encode("utf-8", "replace"))
            self._output({"kind": "stream", "name": name, "text": piece}, size)

    def frame(self, frame: dict[str, Any]) -> None:
        """A message of the worker's: its shape is checked here, its claims are not believed."""
        kind = frame.get("type")
        if kind == "reply" and self._inquiries is not None:
            self._inquiries.answered(frame.get("answer"))
        elif self._current is None:
            return
        elif kind == "output":
            self._told(frame.get("output"))
        elif kind == "done":
            self._worker_done(frame)

    def _told(self, output: Any) -> None:
        if not self._supervisor.is_output(output):
            return
        if output["kind"] == "prompt" and self._current is not None:
            self._current.is_asking = True
        text = json.dumps(output)
        if self._current is not None:
            self._current.marks.whole(text)
        size = len(text)
        if size > MAX_OUTPUT_MESSAGE_BYTES:
            text = "\n[an output was dropped: it was too large]\n"
            output, size = {"kind": "stream", "name": "stderr", "text": text}, len(text)
        self._output(output, size)

    def _worker_done(self, frame: dict[str, Any]) -> None:
        execution = self._current
        if execution is None:
            return
        status = frame.get("status")
        stopped = execution.interrupted or execution.limit is not None
        if not (status == "interrupted" and stopped):
            outputs = frame.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                self._told(output)
        if execution.limit is not None:
            self._finish("timeout", **self._limited(execution))
        elif status == "interrupted" and stopped:
            self._finish("interrupted", message="Stopped on request.")
        else:
            expressions = frame.get("expressions")
            if status != "ok" or not self._supervisor.are_expressions(expressions):
                expressions = None
            if expressions is not None:
                execution.marks.whole(json.dumps(expressions))
            errors = outputs if status == "error" and isinstance(outputs, list) else ()
            limits = [limit_of(one) for one in errors if isinstance(one, dict) and one.get("kind") == "error"]
            pure = frame.get("impurity", "unknown") is None and not execution.truncated and not execution.marks.found
            limit = next(filter(None, limits), None)
            self._finish("ok" if status == "ok" else "error", expressions=expressions, pure=pure, limit=limit)

    def settled(self) -> None:
        """Everything the worker said so far has been told."""
        if self.link is not None:
            self.link.flush()
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
        if execution.announced is None and now - execution.started > 0.015:
            self._announce(execution, "running")
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
        elif self.link is not None:
            self.link.flush()
        return collected

    def remaining(self, identifier: str | None) -> dict[str, Any] | None:
        """What is left of the limits, as fields of ``remaining``; None when no execution of that name runs or waits.

        ``identifier``: the execution that is asked about; None for the one that runs, if one does.
        """
        execution = self._current
        if identifier is not None:
            known = [*self._queue] if execution is None else [execution, *self._queue]
            execution = next((one for one in known if one.id == identifier), None)
            if execution is None:
                return None
        now = self._supervisor.now()
        left: dict[str, Any] = {}
        if execution is not None:
            left["execution"] = execution.id
            left.update(self._watchdog.left(execution, now) if self._watchdog else execution.limits.report())
        if not self.is_stateless:
            settings = self._supervisor.settings
            if self._current is None and not self._queue:
                left["idleMs"] = max(0.0, round((self._active + settings.idle - now) * 1_000, 3))
            left["lifetimeMs"] = max(0.0, round((self._created + settings.lifetime - now) * 1_000, 3))
        return left

    @property
    def directory(self) -> str | None:
        """Where its files are, if somebody has to look how many they are."""
        return self._worker.directory if self._worker is not None and not self.is_ended else None

    def sweep(self, now: float) -> None:
        """Ends what has been idle, alive or without a relay for too long; to be called regularly."""
        settings = self._supervisor.settings
        if self.unlinked_at is not None and now - self.unlinked_at > settings.grace:
            self.end("lost", "No relay asked for the session any more.")
            self._supervisor.forget(self)
        elif self.is_ended or self.is_stateless:
            return
        elif now - self._created > settings.lifetime:
            self.end("lifetime", f"A session lives at most {settings.lifetime:g} s.", limit="lifetime")
        elif self._current is None and now - self._active > settings.idle:
            self.end("idle", f"Nothing was run for {settings.idle:g} s.", limit="idle")

    # ---- questions ----

    @property
    def inquiries(self) -> Inquiries | None:
        """Who answers completions now; None while an execution runs or waits, or there is no worker."""
        if self._current is not None or self._queue:
            return None
        return self._inquiries
