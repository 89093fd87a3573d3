# SPDX-License-Identifier: GPL-2.0-or-later
"""``python -m sage_bridge.sandbox``: what protects the server on this machine, and why something does not."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence

from . import cgroups, kernel, levels
from .plan import Plan
from .trials import make_plan


def report(plan: Plan) -> str:
    """The plan as a table for people."""
    width = max(map(len, levels.NAMES))
    does = {kind.name: kind for kind in levels.KINDS}
    machine = f"{sys.platform} on {kernel.MACHINE}"
    if kernel.LINUX:
        release = ".".join(map(str, kernel.release()))
        machine = f"Linux {release} on {kernel.MACHINE}; Landlock ABI {plan.landlock_abi}; control groups {plan.cgroup}"
    lines = [f"sandbox level {plan.level} (mode {plan.mode}; {machine})", ""]
    for layer in plan.layers:
        mark = {levels.ENFORCED: "+", levels.MISSING: "-", levels.NOT_NEEDED: " "}[layer.state]
        need = "required" if does[layer.name].required else "optional"
        lines.append(f"{mark} {layer.name:<{width}}  {layer.state:<10}  {need}  {does[layer.name].does}")
        if layer.reason:
            lines.append(f"  {'':<{width}}  {'':<10}            {layer.reason}")
    missing = plan.missing()
    lines.append("")
    lines.append(
        f"--sandbox require would refuse to start: {', '.join(layer.name for layer in missing)} missing."
        if missing
        else "--sandbox require would start."
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report; exit code 0 if ``require`` would start, else 1."""
    parser = argparse.ArgumentParser(prog="python -m sage_bridge check", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the layers as JSON")
    parser.add_argument("--egress", action="store_true", help="as if user code were allowed to use the network")
    asked = parser.parse_args(arguments)
    hierarchies = cgroups.open_hierarchies() if kernel.LINUX else None
    try:
        plan = make_plan(
            "best-effort",
            egress=asked.egress,
            scratch=os.path.join(tempfile.gettempdir(), "sage-bridge"),
            hierarchies=hierarchies,
        )
    finally:
        if hierarchies is not None:
            cgroups.close_hierarchies(hierarchies)
    if asked.json:
        print(json.dumps({**plan.summary(), "requireWouldStart": not plan.missing()}, indent=2))
    else:
        print(report(plan))
    return 1 if plan.missing() else 0
