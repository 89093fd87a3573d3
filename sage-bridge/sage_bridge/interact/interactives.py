# SPDX-License-Identifier: GPL-2.0-or-later
"""Interacts made by Jupyter's ``ipywidgets``: Sage's own library of them (``interacts.calculus…``), and authors' own.

They are values that are displayed. Shown here, they are as those of ``interact``.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ..imports import when_imported
from .choices import UpdateButton
from .control import Control
from .living import Living
from .widgets import control_of, library

if TYPE_CHECKING:
    from ..display import Screen
    from .registry import Registry

#: Name of the button of one that is run by hand.
_BUTTON = "auto_update"


class _Call:
    """The function of an ``interactive``: called as the library would, by the names of its widgets."""

    def __init__(self, interactive: Any, screen: Screen) -> None:
        self._interactive = interactive
        self._screen = screen
        self._fixed: list[Any] = []
        self.__wrapped__ = interactive.f
        self.__name__ = getattr(interactive.f, "__name__", "")
        controls: dict[str, Control] = {}
        for widget in interactive.kwargs_widgets:
            control = control_of(widget)
            if control is None:
                self._fixed.append(widget)
            else:
                controls[widget._kwarg] = control
        if interactive.manual:
            controls[_BUTTON] = UpdateButton(getattr(interactive, "manual_name", "Run Interact"))
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=one) for name, one in controls.items()]
        )

    def __call__(self, **chosen: Any) -> Any:
        interactive = self._interactive
        chosen.pop(_BUTTON, None)
        interactive.kwargs = {**{widget._kwarg: widget.get_interact_value() for widget in self._fixed}, **chosen}
        interactive.result = interactive.f(**interactive.kwargs)
        if interactive.auto_display and interactive.result is not None:
            self._screen.show(interactive.result)
        return interactive.result


def _leave_runs_to_the_page(module: Any) -> None:
    # Else the function would also run whenever a widget is made or takes a value.
    module.interactive.update = lambda interactive, *_change: None


class Interactives:
    """Shows the library's interacts, which are values, as those of ``interact``."""

    def __init__(self, registry: Registry, screen: Screen, namespace: dict[str, Any]) -> None:
        self._registry = registry
        self._screen = screen
        self._namespace = namespace

    def install(self) -> None:
        """For the process that all sessions are forked from."""
        self._screen.shows_itself = self.shows
        when_imported("ipywidgets.widgets.interaction", _leave_runs_to_the_page)

    def shows(self, value: Any) -> bool:
        """Whether it was one, and is shown now.

        Raises:
            ValueError: it has too many controls, or one of a name that no control can have.
        """
        ipywidgets = library()
        if ipywidgets is None or not isinstance(value, ipywidgets.interactive):
            return False
        living = Living(
            _Call(value, self._screen),
            controls=None,
            update=None,
            layout=None,
            output=True,
            readonly=False,
            automatic_labels=True,
            has_button=False,
            namespace=self._namespace,
            named={},
        )
        self._registry.add(living)
        return True
