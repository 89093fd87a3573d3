# SPDX-License-Identifier: GPL-2.0-or-later
"""``interact`` of the reader's code."""

from __future__ import annotations

import inspect
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Callable, Iterable

from .living import Living
from .proxy import InteractProxy
from .signature import Signature, plain

if TYPE_CHECKING:
    from .registry import Registry

_LOCATIONS = "interact: locations= has no effect here: what code puts out cannot reach into the page.\n"


class Interact:
    """Lets the page choose the arguments of a function, and calls it whenever they change.

    ``@interact`` above a function, or ``interact(f)``, makes a control for each argument with a default value::

        @interact
        def _(n=(1, 10), f=[sin, cos], color=Color('red')):
            show(plot(f(n*x), (x, 0, 6), color=color))

    The value says which control: a number or an expression a box for code, a string a box for text, True or False a
    check mark, ``(a, b)`` and ``(a, b, step)`` a slider, a list buttons or a list to choose from, a matrix a grid.
    ``("label", X)`` puts a label beside it, ``(value, X)`` says with which value it begins. Controls can also be made
    by name, such as ``slider(1, 10, 1)`` or ``Selector([1, 2], selector_type="radio")``. A first argument without a
    default gets the interact itself, whose attributes are the controls.

    Within the function ``interact.n`` is the value of a control, ``interact.n = 3`` changes it, and
    ``interact.changed()`` tells which changed.
    """

    def __init__(self, registry: Registry, namespace: dict[str, Any], controls: dict[str, Any]) -> None:
        """``controls``: what makes controls, by name, for ``interact.controls``."""
        self.__dict__.update(
            _registry=registry, _namespace=namespace, controls=SimpleNamespace(**controls), __name__="interact"
        )

    def __repr__(self) -> str:
        return "interact: @interact above a function makes controls for its arguments; interact? tells more"

    def __call__(self, f: Any = None, *places: Any, **options: Any) -> Any:
        """Makes an interact of ``f``, or, without a function, what makes one.

        Args:
            f: the function.
            places: the first of ``options``, in this order.
            options: ``controls``, names and pairs of a name and its control, for arguments that have no default;
                ``update``, the controls that ask for a run (or ``update_args``); ``layout``, rows of names, with
                ``"_output"`` for the output, or a dict of such rows with ``top`` and ``bottom``; ``locations``, without
                effect; ``output``, False for no output; ``readonly``; ``automatic_labels``, False for no labels but
                those given; ``auto_update``, False for a button that asks for a run. ``width``, ``style`` and
                ``flicker`` are accepted for old code. Any other is an argument of the function and makes its control,
                as in ``interact(f, n=(1, 10))``.

        Returns:
            the interact, an ``InteractProxy``.

        Raises:
            ValueError, TypeError: an option or a control is not what it has to be.
        """
        if f is not None and not callable(f):
            # What stands in the brackets of ``@interact(…)`` are options.
            return self._decorator((f, *places), options)
        if f is None:
            return self._decorator(places, options)
        return self._make(f, places, options)

    def _decorator(self, places: tuple, options: dict[str, Any]) -> Callable[[Any], InteractProxy]:
        def decorate(function: Any) -> InteractProxy:
            return self._make(function, places, options)

        return decorate

    def _make(self, function: Any, places: tuple, options: dict[str, Any]) -> InteractProxy:
        if isinstance(function, InteractProxy):
            function = function._function
        function = plain(function)
        named = {name: value for name, value in options.items() if name not in _OPTIONS}
        chosen = _options(*places, **{name: value for name, value in options.items() if name in _OPTIONS})
        if named:
            signature = Signature(function, set(named))
            for name in named:
                if not signature.takes(name):
                    known = ", ".join(sorted(_OPTIONS))
                    raise TypeError(
                        f"{name!r} is neither an argument of the function nor an option of interact ({known})"
                    )
        if chosen.pop("locations"):
            sys.stderr.write(_LOCATIONS)
        return self._registry.add(Living(function, namespace=self._namespace, named=named, **chosen))

    # ---- the interact that runs ----

    def _running(self) -> InteractProxy:
        current = self._registry.current
        if current is None:
            raise AttributeError("no interact runs now, so that interact has no controls")
        return current

    def changed(self) -> list[str]:
        """Names of the controls that changed since the last run of the interact that runs now."""
        return self._running()._changed

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._running(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._running(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._running(), name)


def _options(
    controls: Iterable[Any] | None = None,
    update: Iterable[str] | None = None,
    layout: Any = None,
    locations: Any = None,
    output: bool = True,
    readonly: bool = False,
    automatic_labels: bool = True,
    *,
    update_args: Iterable[str] | None = None,
    auto_update: bool = True,
    width: Any = None,
    style: Any = None,
    flicker: Any = None,
) -> dict[str, Any]:
    """The options of ``interact`` as ``Living`` takes them, and ``locations``."""
    return {
        "controls": controls,
        "update": update_args if update is None else update,
        "layout": layout,
        "locations": locations,
        "output": output,
        "readonly": readonly,
        "automatic_labels": automatic_labels,
        "has_button": not auto_update,
    }


_OPTIONS = frozenset(inspect.signature(_options).parameters)
