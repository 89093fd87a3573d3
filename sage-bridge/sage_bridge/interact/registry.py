# SPDX-License-Identifier: GPL-2.0-or-later
"""The interacts of one session: they are made, run and changed here, and what they do is told."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator

from .. import errors
from ..display import MAX_TEXT, Screen
from .living import Living
from .proxy import InteractProxy
from .signature import code_of
from .verdict import Verdict

if TYPE_CHECKING:
    from ..channel import Channel
    from ..execute import Interpreter

INTERACT_TYPE = "application/vnd.sage-embed.interact+json"
INTERACT_CHANGE_TYPE = "application/vnd.sage-embed.interact-change+json"

#: Most interacts of one session that can be used; then the oldest is let go. A page shows a handful of them, each
#: with those that its last run made.
MAX_INTERACTS = 200
#: Most interacts that run within one another.
MAX_DEPTH = 40

_GONE = "This interact belongs to a run that is gone: run its cell again."


def _written(value: dict[str, Any], what: str) -> str:
    """As JSON. Raises ValueError if that is too long to be sent."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    if len(text) > MAX_TEXT:
        raise ValueError(f"{what} at most {MAX_TEXT:,} characters, not {len(text):,}")
    return text


class Registry:
    """Made in the zygote, one per session.

    Attributes:
        has_failed: a first run within the present execution has raised; the error has been told.
    """

    def __init__(self, interpreter: Interpreter, screen: Screen, channel: Channel) -> None:
        self._interpreter = interpreter
        self._screen = screen
        self._channel = channel
        self._living: dict[str, Living] = {}
        self._proxies: dict[str, InteractProxy] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._running: list[Living] = []
        self._places: list[str | None] = []
        self._made = 0
        self._changes = 0
        self._last: tuple[Living, dict[str, Any], tuple[Any, ...]] | None = None
        self.has_failed = False

    def forget(self) -> None:
        """Drops every interact, and starts to count anew."""
        if self._made:
            # Else a fork would touch what it need not.
            self._living.clear()
            self._proxies.clear()
            self._verdicts.clear()
            self._made = self._changes = 0
            self._last = None

    def begin(self) -> None:
        """An execution begins."""
        self.has_failed = False
        self._last = None
        # An interrupt may have come while they were being left.
        self._running.clear()
        self._places.clear()

    @property
    def newest(self) -> str | None:
        """The name of the interact that was made last, if it is still there."""
        return next(reversed(self._living), None)

    @property
    def current(self) -> InteractProxy | None:
        """The interact whose function runs now."""
        return self._proxies.get(self._running[-1].id) if self._running else None

    # ---- one is made ----

    def add(self, living: Living) -> InteractProxy:
        """Shows an interact and runs it once.

        Raises:
            ValueError: its controls are too large to be sent.
            RecursionError: too many run within one another.
        """
        self._check_depth()
        self._made += 1
        living.id = f"{self._made}-{living.digest()}"
        living.parent = self._running[-1].id if self._running else None
        text = _written(living.view(), "the controls of an interact take")
        proxy = InteractProxy(self, living)
        self._living[living.id], self._proxies[living.id] = living, proxy
        while len(self._living) > MAX_INTERACTS:
            self._drop(next(iter(self._living)))
        self._screen.send(self._interpreter.left(self._name(living)))
        self._screen.send_bundle({"text/plain": living.told(), INTERACT_TYPE: text})
        self._run_within(living, proxy)
        return proxy

    def _check_depth(self) -> None:
        if len(self._running) >= MAX_DEPTH:
            raise RecursionError(f"interacts are nested more than {MAX_DEPTH} deep")

    def _drop(self, identifier: str) -> None:
        for index in (self._living, self._proxies, self._verdicts):
            index.pop(identifier, None)

    def _drop_below(self, identifier: str) -> None:
        """Lets go what an earlier run of that interact made."""
        for below in [one for one in self._living.values() if one.parent == identifier]:
            self._drop(below.id)
            self._drop_below(below.id)

    # ---- one is run ----

    def run_frame(self, frame: dict[str, Any]) -> None:
        """Runs an interact with what the page says of its controls, as an execution of its own.

        Raises:
            LookupError: it is gone.
            ValueError: a control can't have the value that was sent.
            Exception: whatever the function raises.
        """
        living = self._living.get(frame["interact"])
        if living is None:
            raise LookupError(_GONE)
        before = living.states()
        self._last = (living, before, self._facts())
        living.take(frame["values"])
        living.changed = [name for name in frame["changed"] if name in living.controls]
        self._drop_below(living.id)
        self._call(living, self._proxies[living.id])

    def frame_name(self, frame: dict[str, Any]) -> str | None:
        """The name under which the code of an interact was compiled; None when it is gone, or has none."""
        living = self._living.get(frame["interact"])
        return None if living is None else self._name(living)

    @staticmethod
    def _name(living: Living) -> str:
        code = code_of(living.function)
        return code.co_filename if code is not None else "<interact>"

    def _call(self, living: Living, proxy: InteractProxy) -> None:
        places, named = living.arguments(proxy)
        self._running.append(living)
        try:
            living.function(*places, **named)
        except Exception:
            by_place = places[living.signature.proxy is not None :]
            state = {**dict(zip(living.signature.defaults, by_place)), **named}
            print(f"Interact state: {living.state_text(state)}")
            raise
        finally:
            if self._running:
                self._running.pop()
            living.rest()
            living.changed = []
        moved = [living.view_of(name) for name, control in living.controls.items() if control.has_moved()]
        if moved:
            self._tell(living, {"controls": moved})

    def _run_within(self, living: Living, proxy: InteractProxy) -> None:
        """Runs an interact in the middle of an execution: what it puts out is its own, an error too."""
        name = self._name(living)
        with self._place(living):
            try:
                self._call(living, proxy)
            except Exception as error:
                self.has_failed = True
                self._screen.send([*self._interpreter.left(name), errors.describe(error, name)])
            else:
                self._screen.send(self._interpreter.left(name))

    @contextmanager
    def _place(self, living: Living) -> Iterator[None]:
        """What is put out in the block belongs to the interact, if it has room for output."""
        if not living.has_output:
            yield
            return
        self._places.append(living.id)
        self._channel.exchange({"type": "within", "interact": living.id})
        try:
            yield
        finally:
            if self._places:
                self._places.pop()
            self._channel.exchange({"type": "within", "interact": self._places[-1] if self._places else None})

    def update(self, living: Living) -> None:
        """Runs an interact because code says so."""
        if living.id not in self._living:
            raise LookupError(_GONE)
        self._changes += 1
        self._check_depth()
        proxy = self._proxies[living.id]
        if living in self._running:
            self._call(living, proxy)
            return
        self._drop_below(living.id)
        with self._place(living):
            if living.has_output:
                self._screen.clear()
        self._run_within(living, proxy)

    # ---- one is changed ----

    def put(self, living: Living, name: str, value: Any) -> None:
        """Gives a control a value, or makes a new one, and tells the page."""
        is_new = living.put(name, value)
        if name not in living.changed:
            living.changed.append(name)
        self._tell(living, {"controls": [living.view_of(name)], **({"updates": living.updates()} if is_new else {})})

    def remove(self, living: Living, name: str) -> None:
        """Takes a control away, and tells the page."""
        living.remove(name)
        living.changed = [one for one in living.changed if one != name]
        self._tell(living, {"removed": [name], "updates": living.updates()})

    def _tell(self, living: Living, change: dict[str, Any]) -> None:
        self._changes += 1
        if living.id not in self._living:
            return
        text = _written({"interact": living.id, **change}, "a control takes")
        self._screen.send_bundle({"text/plain": living.told(), INTERACT_CHANGE_TYPE: text})

    # ---- what is left behind ----

    def _facts(self) -> tuple[Any, ...]:
        return len(self._interpreter.namespace), self._made, self._changes, len(self._living)

    def leaves_unchanged(self) -> bool:
        """Whether the last execution was a frame that left the session as it was; to be asked when it ended well.

        Then the controls hold again what they held before, so that it is as if it had not been.
        """
        if self._last is None:
            return False
        living, before, facts = self._last
        self._last = None
        if self._facts() != facts:
            return False
        verdict = self._verdicts.get(living.id)
        if verdict is None:
            verdict = self._verdicts[living.id] = Verdict(living, self._interpreter.namespace)
        try:
            is_unchanged = verdict.holds()
        except Exception:
            # The reader's objects may do anything when they are looked at.
            return False
        if is_unchanged:
            living.restore(before)
        return is_unchanged
