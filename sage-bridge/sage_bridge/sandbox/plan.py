# SPDX-License-Identifier: GPL-2.0-or-later
"""What every worker gets of the sandbox on this machine; made once, at start, by ``trials.make_plan``."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import levels, namespaces
from .levels import MISSING, Layer


class SandboxMissing(RuntimeError):
    """``require`` was asked for and this machine lacks a required layer; the text lists each with its reason."""

    def __init__(self, missing: Iterable[Layer]) -> None:
        self.layers = tuple(missing)
        lines = "\n".join(f"  {layer.name}: {layer.reason}" for layer in self.layers)
        super().__init__(
            f"the sandbox was required and {len(self.layers)} of its layers can't be had here:\n{lines}\n"
            "Mend these, or choose --sandbox best-effort to run without them."
        )


@dataclass(frozen=True)
class Plan:
    """The layers of every worker; the same object, as JSON, goes from the supervisor to the zygote.

    Attributes:
        mode: ``require``, ``best-effort`` or ``off``.
        layers: one for each kind, in the order of ``levels.KINDS``.
        egress: user code may open IPv4 and IPv6 sockets.
        landlock_abi: 0 without Landlock.
        read: trees of Sage, Python and the operator's choice, readable for user code.
        zygote_read: trees that only the zygote reads (this package).
        scratch: directory under which the zygote's home and the sessions' directories lie, or None.
        sizes: of the writable file systems.
        cgroup: ``v2``, ``v1``, ``v1+v2`` or ``none``.
    """

    mode: str
    layers: tuple[Layer, ...]
    egress: bool = False
    landlock_abi: int = 0
    read: tuple[str, ...] = ()
    zygote_read: tuple[str, ...] = ()
    scratch: str | None = None
    sizes: namespaces.Sizes = field(default_factory=namespaces.Sizes)
    cgroup: str = "none"

    def __post_init__(self) -> None:
        # Every worker asks two dozen times.
        object.__setattr__(self, "_states", {layer.name: layer.enforced for layer in self.layers})

    def has(self, name: str) -> bool:
        """Whether layer ``name`` is enforced. Raises KeyError for a name that does not exist."""
        return self._states[name]

    def reason(self, name: str) -> str:
        """Why layer ``name`` is not enforced, or not quite; "" if it is. Raises StopIteration for an unknown name."""
        return next(layer.reason for layer in self.layers if layer.name == name)

    @property
    def level(self) -> str:
        """In a word: ``off``, ``none``, ``floor``, ``userns``, ``root``, ``root+pidns``."""
        if self.mode == "off":
            return "off"
        if self.has(levels.IDENTITY):
            return "root+pidns" if self.has(levels.PID_NS) else "root"
        if self.has(levels.MOUNT_NS):
            return "userns" if self.has(levels.USER_NS) else "root-shared-user"
        return "floor" if self.has(levels.SECCOMP) or self.has(levels.LANDLOCK) else "none"

    def missing(self, required: bool = True) -> tuple[Layer, ...]:
        """Layers that are missing: the required ones, or all."""
        wanted = {kind.name for kind in levels.KINDS if kind.required or not required}
        return tuple(layer for layer in self.layers if layer.state == MISSING and layer.name in wanted)

    def mounted(self) -> tuple[str, ...]:
        """Directories that are file systems of the worker's own; none without the mount layer."""
        return namespaces.writable(self.scratch) if self.has(levels.MOUNT_NS) else ()

    def summary(self) -> dict[str, Any]:
        """For ``/status``: mode, level, Landlock ABI, cgroup version and each layer with state and reason."""
        return {
            "mode": self.mode,
            "level": self.level,
            "egress": self.egress,
            "landlockAbi": self.landlock_abi,
            "cgroup": self.cgroup,
            "layers": [dataclasses.asdict(layer) for layer in self.layers],
        }

    def report(self) -> dict[str, Any]:
        """What relays are told: mode, level, and each layer with its state and, if it is not enforced, why."""
        layers = [
            {"name": layer.name, "state": layer.state, **({"reason": layer.reason} if layer.reason else {})}
            for layer in self.layers
        ]
        return {"mode": self.mode, "level": self.level, "egress": self.egress, "layers": layers}

    def dumps(self) -> str:
        """JSON from which ``Plan.loads`` makes an equal plan."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def loads(cls, text: str) -> Plan:
        """The plan that ``dumps`` wrote. Raises ValueError, KeyError or TypeError on any other text."""
        value = json.loads(text)
        value["layers"] = tuple(Layer(**layer) for layer in value["layers"])
        value["sizes"] = namespaces.Sizes(**value["sizes"])
        for name in ("read", "zygote_read"):
            value[name] = tuple(value[name])
        return cls(**value)
