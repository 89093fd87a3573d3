# SPDX-License-Identifier: GPL-2.0-or-later
"""What the reader's code holds of an interact: its controls are its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .living import Living
    from .registry import Registry


class ListProxy(list):
    """The value of a control that is a list: setting an entry sets it in the control."""

    def __init__(self, proxy: InteractProxy, name: str, values: list[Any]) -> None:
        super().__init__(values)
        self._proxy = proxy
        self._name = name

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            raise TypeError("entries of a control are set one by one, not by slices")
        super().__setitem__(index, value)
        setattr(self._proxy, self._name, list(self))


class InteractProxy:
    """An interact.

    ``p.name`` is the value of a control, ``p.name = value`` changes it in the page; a name that there is none of, or a
    control as the value, makes a new one. ``del p.name`` takes it away. ``p(…)`` calls the plain function. Outside of
    its function's runs it tells what code gave the controls, and what the page did in runs that changed the session.

    Attributes:
        _changed: names of the controls that changed since the last run.
    """

    #: As the last value of a cell it is not shown.
    _is_silent_ = True

    def __init__(self, registry: Registry, living: Living) -> None:
        object.__setattr__(self, "_InteractProxy__registry", registry)
        object.__setattr__(self, "_InteractProxy__living", living)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Calls the plain function."""
        return self.__living.function(*arguments, **options)

    def __repr__(self) -> str:
        return f"<{self.__living.told()}>"

    def __dir__(self) -> list[str]:
        return [*self.__living.controls, "_bookmark", "_changed", "_set_bookmarks", "_state", "_update"]

    def __getattr__(self, name: str) -> Any:
        living = self.__living
        if name not in living.controls:
            raise AttributeError(f"the interact has no control {name!r}; it has {', '.join(living.controls)}")
        value = living.argument(name)
        return ListProxy(self, name, value) if type(value) is list else value

    def __setattr__(self, name: str, value: Any) -> None:
        self.__registry.put(self.__living, name, value)

    def __delattr__(self, name: str) -> None:
        if name not in self.__living.controls:
            raise AttributeError(f"the interact has no control {name!r}")
        self.__registry.remove(self.__living, name)

    @property
    def _changed(self) -> list[str]:
        return list(self.__living.changed)

    @property
    def _function(self) -> Any:
        return self.__living.function

    def _update(self) -> None:
        """Runs the function with what the controls hold; its output takes the place of the former."""
        self.__registry.update(self.__living)

    def _state(self, state: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """The values of all controls by name; with ``state``, sets them."""
        if state is None:
            return {name: getattr(self, name) for name in self.__living.controls}
        for name, value in state.items():
            setattr(self, name, value)
        return None

    def _bookmark(self, name: str, state: dict[str, Any] | None = None) -> None:
        """Accepted for code written for other systems: the page keeps bookmarks, and code cannot set them."""

    def _set_bookmarks(self, bookmarks: str) -> None:
        """Accepted likewise."""
