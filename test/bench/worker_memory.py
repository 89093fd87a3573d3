# SPDX-License-Identifier: GPL-2.0-or-later
"""What a parked worker has of its own (USS), stage by stage, on the bridge's own template with the whole sandbox.

``python worker_memory.py [--count N] [--json]``, as root for the whole sandbox. For each stage so many workers are
forked, stopped there and looked at together: what the zygote writes after a fork counts as well.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BRIDGE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "sage-bridge")
sys.path.insert(0, BRIDGE)

#: In the order a worker passes them.
STAGES = ("forked", "shut in", "parked")
#: Longest wait for the template, seconds.
PATIENCE = 120


def zygote(command_number: int, lifeline: int) -> None:
    """Forks a worker for each order, which names the stage to stop at; never returns."""
    from sage_bridge import forking

    forking.keep_quiet()
    from sage_bridge import sandbox
    from sage_bridge import zygote as bridge

    command = socket.socket(fileno=command_number)
    plan = sandbox.Plan.loads(command.recv(262_144).decode())
    sandbox.prepare_zygote(plan, lifeline)
    worker, facts = bridge.make_template(plan)
    command.send(json.dumps(facts).encode())
    while True:
        data, descriptors, _, _ = socket.recv_fds(command, 65_536, 1)
        if not data:
            os._exit(0)
        order = json.loads(data)
        pid = sandbox.fork(plan, forking.park)
        if pid == 0:
            live(plan, worker, order, descriptors[0], bridge.CONTROL)
        os.close(descriptors[0])
        pidfd = os.pidfd_open(pid)
        socket.send_fds(command, [b"."], [pidfd])
        os.close(pidfd)


def live(plan, worker, order: dict, control: int, number: int) -> None:
    """A worker up to the stage, where it waits for the end; never returns."""
    from sage_bridge import sandbox

    try:
        os.dup2(control, number, inheritable=False)
        if order["stage"] != STAGES[0]:
            sandbox.enter(plan, sandbox.WorkerFacts(order["directory"], keep=(number,), uid=order["uid"]))
        if order["stage"] == STAGES[2]:
            worker.settle(order["directory"], False)
        os.write(number, b".")
        os.read(number, 1)
    finally:
        os._exit(0)


def private_megabytes(pid: int) -> float:
    """Memory of a process that it shares with no other."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_")) / 1024


def measure(count: int) -> dict:
    """Median of each stage, megabytes, with the level of the sandbox and the version of Sage."""
    from sage_bridge import sandbox
    from sage_bridge.sandbox import levels

    base = os.path.realpath(tempfile.mkdtemp(prefix="memory-"))
    os.chmod(base, 0o711)
    home = os.path.join(base, "zygote")
    os.makedirs(os.path.join(home, ".sage"))
    plan = sandbox.make_plan("best-effort", scratch=base)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    receive, lifeline = os.pipe()
    process = subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), "--zygote", str(theirs.fileno()), str(receive)],
        pass_fds=(theirs.fileno(), receive),
        env=sandbox.zygote_environment(home, PYTHONPATH=BRIDGE, PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8"),
        cwd=home,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    theirs.close()
    os.close(receive)
    try:
        ours.send(plan.dumps().encode())
        ours.settimeout(PATIENCE)
        facts = json.loads(ours.recv(65_536))
        uids = iter(range(264_000, 265_000))
        figures = {}
        for stage in STAGES:
            workers = []
            for index in range(count):
                directory = sandbox.session_directory(base)
                if not plan.has(levels.MOUNT_NS):
                    directory = os.path.join(base, f"{stage}{index}")
                    os.mkdir(directory, 0o700)
                order = {"stage": stage, "directory": directory, "uid": next(uids)}
                workers.append(start(ours, order))
            figures[stage] = round(statistics.median(private_megabytes(pid) for pid, _ in workers), 2)
            for _, control in workers:
                control.close()
        return {"sage": facts["sage"], "python": facts["python"], "level": plan.level, "stages": figures}
    finally:
        os.close(lifeline)
        process.wait()
        shutil.rmtree(base, ignore_errors=True)


def start(command: socket.socket, order: dict) -> tuple[int, socket.socket]:
    """A worker that has reached its stage: its pid and the socket whose end is its own."""
    from sage_bridge import sandbox

    control, theirs = socket.socketpair()
    socket.send_fds(command, [json.dumps(order).encode()], [theirs.fileno()])
    theirs.close()
    _, descriptors, _, _ = socket.recv_fds(command, 16, 1)
    pid = sandbox.outer_pid(descriptors[0])
    os.close(descriptors[0])
    said = b""
    while not said.endswith(b"."):
        readable, _, _ = select.select([control], [], [], PATIENCE)
        more = control.recv(65_536) if readable else b""
        if not more:
            raise RuntimeError("the worker did not reach its stage")
        said += more
    return pid, control


def main() -> int:
    """Prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5, help="workers for each stage")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--zygote", type=int, nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.zygote:
        zygote(*asked.zygote)
    found = measure(asked.count)
    if asked.json:
        print(json.dumps(found))
        return 0
    print(f"Sage {found['sage']}, Python {found['python']}, sandbox {found['level']}; MB of its own, medians")
    for stage, megabytes in found["stages"].items():
        print(f"{stage:10} {megabytes:6.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
