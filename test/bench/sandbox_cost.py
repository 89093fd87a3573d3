# SPDX-License-Identifier: GPL-2.0-or-later
"""What each sandbox level adds to a fork: median and 95th percentile of fork → ready, beside the bare fork's.

``python sandbox_cost.py [--sage] [--count N] [--json]``. The bare fork is measured in the same zygote, turn and turn
about with the level, so that both see the same machine. Run it as root for every level; levels that this user or
machine does not have are named as such.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "sage-bridge"))

from sage_bridge import sandbox  # noqa: E402
from sage_bridge.sandbox import levels  # noqa: E402

#: Level → layers to leave out. What is cheaper than the level is shown too: one step after the other.
STEPS = {
    "rlimits, descriptors, reseed": ("seccomp", "landlock", "user-namespace", "own-user", *levels.NAMESPACES),
    "floor without landlock": ("landlock", "user-namespace", "own-user", *levels.NAMESPACES),
    "floor": ("user-namespace", "own-user", *levels.NAMESPACES),
    "userns": ("own-user",),
    "root": ("pid-namespace",),
    "root+pidns": (),
}


def one(plan: sandbox.Plan | None, directory: str, uid: int | None) -> float:
    """Seconds from before the fork until the child says it is ready."""
    receive, send = os.pipe()
    start = time.perf_counter()
    pid = os.fork() if plan is None else sandbox.fork(plan)
    if pid == 0:
        try:
            if plan is not None:
                sandbox.enter(plan, sandbox.WorkerFacts(directory, keep=(send,), uid=uid))
            os.write(send, b".")
        finally:
            os._exit(0)
    os.close(send)
    answer = os.read(receive, 1)
    seconds = time.perf_counter() - start
    os.close(receive)
    os.waitpid(pid, 0)
    if not answer:
        raise RuntimeError("the worker did not get ready")
    return seconds


def measure(without: tuple[str, ...], count: int, sage: bool) -> dict:
    """In a process that becomes a zygote: figures of the level and of the bare fork, milliseconds."""
    base = tempfile.mkdtemp(prefix="cost-")
    home = os.path.join(base, "home")
    directory = os.path.join(base, "session")
    os.mkdir(home)
    os.mkdir(directory)
    os.environ.update(sandbox.zygote_environment(home))
    plan = sandbox.make_plan("best-effort", scratch=base, without=without)
    receive, keep = os.pipe()
    os.set_inheritable(keep, True)
    result, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(keep)
        os.close(result)
        sandbox.prepare_zygote(plan, receive)
        if sage:
            os.chdir(home)
            names: dict = {}
            exec("from sage.all_cmdline import *", names)
            exec("import matplotlib; matplotlib.use('agg'); integrate(sin(x)**2, x)", names)
        sandbox.warm(plan)
        # As the bridge does: else the collector's first round in the child copies most of the template.
        gc.collect()
        gc.freeze()
        gc.disable()
        uid = 265_000 if plan.has(levels.IDENTITY) else None
        bare, full = [], []
        for _ in range(count):
            bare.append(one(None, directory, None) * 1000)
            full.append(one(plan, directory, uid) * 1000)
        os.write(send, json.dumps({"level": plan.level, "bare": figures(bare), "full": figures(full)}).encode())
        os._exit(0)
    os.close(send)
    with os.fdopen(result) as answer:
        text = answer.read()
    os.close(keep)
    os.waitpid(pid, 0)
    subprocess.run(["rm", "-rf", base], check=False)
    return json.loads(text)


def figures(values: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 3), "p95": round(ordered[int(len(ordered) * 0.95)], 3)}


def main() -> int:
    """Each step in a process of its own, since a zygote can't become another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sage", action="store_true", help="with Sage loaded, as in the bridge")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        print(json.dumps(measure(STEPS[asked.step], asked.count, asked.sage)))
        return 0
    found = {}
    for step in STEPS:
        command = [sys.executable, os.path.abspath(__file__), "--step", step, "--count", str(asked.count)]
        if step in ("floor", "userns") and os.geteuid() == 0:
            # As an ordinary user, which is where these levels matter.
            command = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", *command]
        out = subprocess.run(
            command + (["--sage"] if asked.sage else []),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        found[step] = json.loads(out.stdout) if out.returncode == 0 else {"failed": out.stderr.strip()[-300:]}
    if asked.json:
        print(json.dumps({"sage": asked.sage, "count": asked.count, "steps": found}))
        return 0
    print(f"fork → ready, milliseconds, {asked.count} each, {'Sage' if asked.sage else 'plain Python'}")
    print(f"{'':30} {'p50':>8} {'p95':>8} {'bare p50':>9} {'bare p95':>9} {'added p50':>10}")
    for step, value in found.items():
        if "failed" in value:
            print(f"{step:30} not here: {value['failed'].splitlines()[-1]}")
            continue
        bare, full = value["bare"], value["full"]
        label = step if value["level"] == step or "," in step or " " in step else f"{step} (got {value['level']})"
        print(
            f"{label:30} {full['p50']:8.2f} {full['p95']:8.2f} {bare['p50']:9.2f} {bare['p95']:9.2f}"
            f" {full['p50'] - bare['p50']:10.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
