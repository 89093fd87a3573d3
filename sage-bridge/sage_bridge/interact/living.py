# SPDX-License-Identifier: GPL-2.0-or-later
"""One interact: the reader's function, its controls and what they hold."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any, Callable, Iterable, Mapping

from .boxes import ExpressionBox
from .choices import UpdateButton
from .control import MAX_CONTROLS, Control, Refused
from .expressions import Expressions
from .inference import infer
from .layout import arrange
from .signature import Signature, checked_name, code_of, facts_of, named_controls

#: Longest text of one value in the state that is printed with an error, characters.
_MAX_STATE = 200


class Living:
    """An interact that can be run.

    Attributes:
        id: its name on the wire.
        function: the reader's.
        controls: by the name of the argument.
        parent: the interact in whose run it was made; None when that was a cell.
        changed: names of controls that changed since the last run.
        expressions: evaluates code in its controls.
        has_output: whether there is room for output.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        controls: Iterable[Any] | None,
        update: Iterable[str] | None,
        layout: Any,
        output: bool,
        readonly: bool,
        automatic_labels: bool,
        has_button: bool,
        namespace: dict[str, Any],
        named: Mapping[str, Any],
    ) -> None:
        """``named``: controls in the place of what the function has for defaults.

        Raises:
            ValueError: a control has a name that it cannot have, or twice; ``update`` or ``layout`` names none.
            TypeError: the function does not take a control that was added.
        """
        given = dict(named_controls(controls))
        named = dict(named)
        self.id = ""
        self.function = function
        self.parent: str | None = None
        self.has_output = bool(output)
        self._is_readonly = bool(readonly)
        self._has_labels = bool(automatic_labels)
        self.signature = Signature(function, {*given, *named})
        self.controls: dict[str, Control] = {}
        empty = inspect.Parameter.empty
        for name, value in self.signature.defaults.items():
            if name in named:
                value = named.pop(name)
            if name in given and value is not empty:
                raise ValueError(f"duplicate argument in interact definition: {name}")
            value = given.pop(name) if name in given else value
            self.controls[name] = ExpressionBox("") if value is empty else infer(checked_name(name), value)
            checked_name(name)
        for name, value in (*given.items(), *named.items()):
            if not self.signature.takes(name) and self.signature.proxy is None:
                raise TypeError(f"the function takes no argument {name!r}: give it **kwargs, or a first argument")
            self.controls[name] = infer(name, value)
        if has_button and not any(control.is_trigger for control in self.controls.values()):
            self.controls["auto_update"] = UpdateButton()
        self._check_count()
        self._update = None if update is None else self._known(update, "update")
        self._layout = arrange(layout, list(self.controls), self.has_output)
        self.expressions = Expressions(getattr(function, "__globals__", namespace))
        self.changed: list[str] = list(self.controls)
        self._removed: set[str] = set()

    def _check_count(self) -> None:
        if len(self.controls) > MAX_CONTROLS:
            raise ValueError(f"an interact has at most {MAX_CONTROLS} controls, not {len(self.controls)}")

    def _known(self, names: Iterable[str], what: str) -> list[str]:
        listed = [names] if isinstance(names, str) else list(names)
        for name in listed:
            if name not in self.controls:
                raise ValueError(f"{what}: there is no control {name!r}; there are {', '.join(self.controls)}")
        return listed

    # ---- its names ----

    @property
    def title(self) -> str:
        """What the reader called the function; empty for ``_`` and functions without a name."""
        name = getattr(self.function, "__name__", "")
        return name if isinstance(name, str) and name not in ("_", "<lambda>") else ""

    def digest(self) -> str:
        """A short hash of the function's code and the names of its controls."""
        code = code_of(self.function)
        facts = "\n".join([*(facts_of(code) if code is not None else ()), *self.controls])
        return hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:8]

    # ---- for the page ----

    def label(self, name: str) -> str:
        """What stands beside a control."""
        label = self.controls[name].label
        if label is None:
            return name if self._has_labels else ""
        return label

    def view_of(self, name: str) -> dict[str, Any]:
        """One control as the wire has it."""
        return self.controls[name].view(name, self.label(name))

    def updates(self) -> list[str]:
        """The controls that ask for a run when they change."""
        if self._update is not None:
            return [name for name in self._update if name in self.controls]
        triggers = [name for name, control in self.controls.items() if control.is_trigger]
        return triggers or [name for name, control in self.controls.items() if control.has_value]

    def view(self) -> dict[str, Any]:
        """All of it as the wire has it."""
        return {
            "interact": self.id,
            "controls": [self.view_of(name) for name in self.controls],
            "layout": self._layout,
            "updates": self.updates(),
            "hasOutput": self.has_output,
            "isReadonly": self._is_readonly,
        }

    def told(self, names: Iterable[str] | None = None) -> str:
        """One line that tells of its controls, for whoever cannot draw them."""
        parts = []
        for name in self.controls if names is None else names:
            control = self.controls[name]
            text = control.told()
            parts.append(f"{name} = {text}" if control.has_value and not isinstance(control, UpdateButton) else text)
        title = f"interact {self.title}".rstrip()
        return f"{title}: {', '.join(part for part in parts if part)}" if parts else title

    # ---- a run ----

    def take(self, values: dict[str, Any]) -> None:
        """Gives the controls what the page sent; nothing changes when something of it is refused.

        Raises:
            ValueError: there is no such control, or the value is none of its own.
        """
        states = {}
        for name, sent in values.items():
            control = self.controls.get(name)
            if control is None and name in self._removed:
                # The page may not have heard of it yet.
                continue
            if control is None:
                raise ValueError(f"there is no control {name!r}; there are {', '.join(self.controls) or 'none'}")
            if not control.has_value:
                continue
            try:
                states[name] = control.checked(sent)
            except Refused as error:
                raise ValueError(f"control {name!r} {error}") from None
        for name, state in states.items():
            self.controls[name].state = state

    def argument(self, name: str) -> Any:
        """What the function gets of one control.

        Raises:
            Exception: whatever an adapter raises.
        """
        return self.controls[name].argument(self.expressions)

    def arguments(self, proxy: Any) -> tuple[list[Any], dict[str, Any]]:
        """What the function is called with.

        Raises:
            ValueError: a control's value can't be made what it is to be.
        """
        self.expressions.begin()
        values = {}
        for name, control in self.controls.items():
            if not control.has_value and name not in self.signature.defaults:
                continue
            try:
                values[name] = self.argument(name)
            except Exception as error:
                raise ValueError(f"control {name!r}: {error}") from error
        return self.signature.arrange(proxy, values)

    def rest(self) -> None:
        """A run is over: buttons are as if nobody had pressed them."""
        for control in self.controls.values():
            control.rest()

    def state_text(self, values: dict[str, Any]) -> str:
        """What the function was called with, as it is printed with an error."""
        parts = []
        for name, value in values.items():
            try:
                text = repr(value)
            except Exception as error:
                text = f"<{type(error).__name__}>"
            parts.append(f"{name!r}: {text if len(text) <= _MAX_STATE else text[:_MAX_STATE] + '…'}")
        return "{" + ", ".join(parts) + "}"

    # ---- changes at run time ----

    def put(self, name: str, value: Any) -> bool:
        """Gives a control a value, or puts a new one in its place; True when it was made anew.

        Raises:
            ValueError, TypeError: it cannot have that value, or there cannot be such a control.
        """
        control = self.controls.get(name)
        if control is not None and not isinstance(value, Control):
            control.assign(value)
            return False
        self.controls[checked_name(name)] = infer(name, value)
        try:
            self._check_count()
        except ValueError:
            del self.controls[name]
            raise
        return True

    def remove(self, name: str) -> None:
        """Takes a control away."""
        del self.controls[name]
        self._removed.add(name)

    def states(self) -> dict[str, Any]:
        """What the controls hold, in the form it is sent in."""
        return {name: control.state for name, control in self.controls.items()}

    def restore(self, states: dict[str, Any]) -> None:
        """Gives them back what they held."""
        for name, state in states.items():
            if name in self.controls:
                self.controls[name].state = state
