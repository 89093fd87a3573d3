"""The page's side of interacts: what it is told of them, and what it says when a reader moves a control."""

from __future__ import annotations

import json

from bridge_client import in_order
from sage_bridge import messages, schema

INTERACT_TYPE = "application/vnd.sage-embed.interact+json"
INTERACT_CHANGE_TYPE = "application/vnd.sage-embed.interact-change+json"

_checks = {name: schema.compile_schema(messages.load()[name]) for name in ("interactView", "interactChange")}


def _read(run, kind, declared):
    found = []
    for output in run.displays:
        if kind in output["data"]:
            told = json.loads(output["data"][kind])
            assert _checks[declared](told) is None, (declared, _checks[declared](told), told)
            assert output["data"]["text/plain"]
            assert "\n" not in output["data"]["text/plain"]
            found.append(told)
    return found


def views(run):
    """The interacts that a run made, as the page is told of them; each keeps to the declared shape."""
    return [View(told) for told in _read(run, INTERACT_TYPE, "interactView")]


def changes(run):
    """What a run did to controls."""
    return _read(run, INTERACT_CHANGE_TYPE, "interactChange")


def of_frame(run, identifier):
    """What a run put into the output of an interact: ``stdout:text``, ``display:text`` and ``error``, in order."""
    outputs = [message for message in run.messages if message["type"] == "output"]
    return in_order([one["output"] for one in outputs if one.get("frame") == identifier])


def own(run):
    """What a run put out that is in no interact's output."""
    return of_frame(run, None)


class View:
    """One interact as it was told, and what the page holds of it."""

    def __init__(self, told):
        self.told = told
        self.id = told["interact"]
        self.controls = {control["name"]: control for control in told["controls"]}
        self.values = {
            name: control.get("value") for name, control in self.controls.items() if control["control"] != "html"
        }
        self.rows = [[place["name"] for place in row] for row in told["layout"]]

    def frame(self, session, changed=None, **values):
        """A reader moves controls."""
        self.values.update(values)
        frame = {"interact": self.id, "values": self.values, "changed": list(changed or values)}
        run = session.run("", frame=frame)
        # A button is pressed for one frame.
        for name, control in self.controls.items():
            if control["control"] == "buttons":
                self.values[name] = None
        return run


def make(session, code):
    """Runs a cell that makes one interact: the run, and its view."""
    run = session.run(code)
    made = views(run)
    assert made, (run.error, run.outputs)
    return run, made[0]
