# SPDX-License-Identifier: GPL-2.0-or-later
"""Interacts: functions of the reader's code whose arguments the page lets the reader choose.

- ``decorator``: ``interact``; ``inference``: which control an argument gets; ``layout``: where they stand.
- ``control``, ``boxes``, ``grid``, ``choices``, ``sliders``, ``slider_bank``: the controls; ``notebook``: the same
  under older names.
- ``widgets``, ``interactives``: what Jupyter's ``ipywidgets`` makes.
- ``living``, ``signature``: one interact; ``proxy``: what code holds of it; ``registry``: those of a session.
- ``verdict``, ``analysis``, ``immutable``, ``reserved``: whether a run left the session as it was.

``relay/protocol/interact.ts`` declares what is told of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..names import offer
from . import notebook
from .boxes import Checkbox, ColorSelector, ExpressionBox, HtmlBox, InputBox
from .choices import Button, ButtonBar, Selector, UpdateButton
from .decorator import Interact
from .grid import InputGrid
from .interactives import Interactives
from .registry import Registry
from .slider_bank import MultiSlider
from .sliders import ContinuousSlider, DiscreteSlider

if TYPE_CHECKING:
    from ..channel import Channel
    from ..display import Screen
    from ..execute import Interpreter

_CLASSES = (
    Checkbox, InputBox, ExpressionBox, InputGrid, Selector, DiscreteSlider, ContinuousSlider, MultiSlider,
    ColorSelector, Button, ButtonBar, HtmlBox, UpdateButton,
)  # fmt: skip
_FUNCTIONS = (
    notebook.slider, notebook.range_slider, notebook.input_box, notebook.color_selector, notebook.selector,
    notebook.input_grid, notebook.checkbox, notebook.text_control, notebook.button,
)  # fmt: skip

#: What makes controls, by the names that the reader's code has for it.
CONTROLS: dict[str, Any] = {one.__name__: one for one in (*_CLASSES, *_FUNCTIONS)}


def install(namespace: dict[str, Any], interpreter: Interpreter, screen: Screen, channel: Channel) -> Registry:
    """Puts ``interact`` and the controls into the reader's namespace, in the place of Sage's own."""
    registry = Registry(interpreter, screen, channel)
    controls = {one.__name__: one for one in _FUNCTIONS}
    offer(namespace, {**CONTROLS, "interact": Interact(registry, namespace, controls)})
    Interactives(registry, screen, namespace).install()
    return registry
