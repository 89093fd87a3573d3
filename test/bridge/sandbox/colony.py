# SPDX-License-Identifier: GPL-2.0-or-later
"""A supervisor and a zygote as small as they can be, for trying the sandbox on any user and with any layers.

``python colony.py supervisor OPTIONS`` reads one JSON request per line and writes one JSON answer per line.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "sage-bridge"))
if sys.path[1:2] == [HERE]:
    del sys.path[1]

from sage_bridge import sandbox  # noqa: E402
from sage_bridge.sandbox import levels  # noqa: E402

_WARM = (
    "import matplotlib; matplotlib.use('agg')",
    "integrate(sin(x)^2, x)",
    "plot(sin(x), (x, 0, 1)).save('warm.svg')",
)


class Supervisor:
    """Obeys the test."""

    def __init__(self, options: dict) -> None:
        self.base = tempfile.mkdtemp(prefix="colony-")
        os.chmod(self.base, 0o711)
        self.home = os.path.join(self.base, "home")
        os.mkdir(self.home, 0o700)
        self.hierarchies = sandbox.open_hierarchies() if options.get("cgroups") else None
        self.plan = sandbox.make_plan(
            options.get("mode", "best-effort"),
            scratch=self.base,
            without=options.get("without", ()),
            hierarchies=self.hierarchies,
            egress=options.get("egress", False),
            read=options.get("read", ()),
        )
        # By day and process, so that colonies side by side do not share users.
        first = 200_000 + os.getpid() % 600 * 100
        self.uids = sandbox.UidPool(first, first + 99)
        sandbox.become_subreaper()
        self.workers: dict[str, dict] = {}
        self.sage = bool(options.get("sage"))
        self.lifeline = None
        self.start()

    def start(self) -> None:
        receive, send = os.pipe()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.zygote = subprocess.Popen(
            [
                sys.executable,
                os.path.abspath(__file__),
                "zygote",
                str(theirs.fileno()),
                str(receive),
                str(int(self.sage)),
            ],
            env=sandbox.zygote_environment(self.home, PYTHONDONTWRITEBYTECODE="1"),
            pass_fds=(theirs.fileno(), receive),
            cwd=self.base,
            stdin=subprocess.DEVNULL,
        )
        os.close(receive)
        theirs.close()
        if self.lifeline is not None:
            os.close(self.lifeline)
        self.lifeline, self.control = send, ours
        self.control.send(self.plan.dumps().encode())
        message, descriptors, _, _ = socket.recv_fds(self.control, 65_536, 4)
        self.hello = json.loads(message)
        self.zygote_pid = sandbox.outer_pid(descriptors[0])
        os.close(descriptors[0])

    def request(self, order: dict) -> dict:
        return getattr(self, "do_" + order.pop("do"))(**order)

    def do_about(self) -> dict:
        return {
            "plan": self.plan.summary(),
            "pid": os.getpid(),
            "keeper": self.zygote.pid,
            "zygote": self.zygote_pid,
            "base": self.base,
            "hello": self.hello,
        }

    def do_fork(self, name: str, **facts: object) -> dict:
        ours, theirs = socket.socketpair()
        directory = os.path.join(self.base, name)
        if not self.plan.has(levels.MOUNT_NS):
            os.makedirs(directory, 0o700, exist_ok=True)
        uid = self.uids.acquire() if self.plan.has(levels.IDENTITY) else None
        start = time.perf_counter()
        socket.send_fds(
            self.control,
            [json.dumps({"directory": directory, "uid": uid, **facts}).encode()],
            [theirs.fileno()],
        )
        theirs.close()
        message, descriptors, _, _ = socket.recv_fds(self.control, 65_536, 4)
        pidfd = descriptors[0]
        ours.settimeout(30)
        ready = json.loads(ours.makefile("rb").readline() or b'{"failed": "the worker died"}')
        seconds = time.perf_counter() - start
        pid = sandbox.outer_pid(pidfd)
        group = None
        if self.hierarchies is not None and self.hierarchies.kind != "none":
            group = self.hierarchies.make(name, sandbox.Limits(memory=400 << 20, processes=48))
            group.attach(pid)
        self.workers[name] = {
            "socket": ours, "pidfd": pidfd, "pid": pid, "inner": json.loads(message)["pid"], "uid": uid,
            "group": group, "directory": directory,
        }  # fmt: skip
        return {**ready, "pid": pid, "uid": uid, "directory": directory, "seconds": seconds}

    def do_run(self, name: str, code: str, timeout: float = 20.0) -> dict:
        channel = self.workers[name]["socket"]
        channel.settimeout(timeout)
        try:
            channel.sendall(json.dumps(code).encode() + b"\n")
            line = channel.makefile("rb").readline()
        except OSError as error:
            return {"error": f"channel: {error}"}
        return json.loads(line) if line else {"error": "the worker died"}

    def do_kill(self, name: str) -> dict:
        worker = self.workers.pop(name)
        known = [self.zygote_pid, *(w["pid"] for w in self.workers.values())]
        whole = self.plan.has(levels.PID_NS)
        session = sandbox.Session(worker["pid"], worker["uid"], worker["group"], whole, self.zygote.pid)
        killed = session.kill(known, worker["pidfd"])
        worker["socket"].close()
        os.close(worker["pidfd"])
        with contextlib.suppress(OSError):
            self.control.send(json.dumps({"reap": worker["inner"]}).encode())
        freed = self.uids.release(worker["uid"]) if worker["uid"] is not None else True
        removed = worker["group"].remove() if worker["group"] else True
        shutil.rmtree(worker["directory"], ignore_errors=True)
        return {
            "means": killed.means,
            "survivors": killed.survivors,
            "seconds": killed.seconds,
            "freed": freed,
            "removed": removed,
        }

    def do_usage(self, name: str) -> dict:
        use = sandbox.usage(self.workers[name]["directory"])
        return {"bytes": use.bytes, "files": use.files, "complete": use.complete}

    def do_group(self, name: str) -> dict:
        group = self.workers[name]["group"]
        return {"memory": group.memory(), "oom": group.out_of_memory(), "processes": group.processes()}

    def do_kill_zygote(self) -> dict:
        os.kill(self.zygote_pid, signal.SIGKILL)
        return {"eof": self.control.recv(1) == b""}

    def close(self) -> None:
        for name in list(self.workers):
            with contextlib.suppress(OSError):
                self.do_kill(name)
        os.close(self.lifeline)
        try:
            self.zygote.wait(5)
        finally:
            if self.zygote.poll() is None:
                self.zygote.kill()
                self.zygote.wait()
            shutil.rmtree(self.base, ignore_errors=True)
            if self.hierarchies is not None:
                sandbox.close_hierarchies(self.hierarchies)


def supervise(options: dict) -> None:
    """Serves until the requests end; what it started is then gone."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    supervisor = Supervisor(options)
    try:
        for line in sys.stdin:
            try:
                answer = supervisor.request(json.loads(line))
            except Exception:
                answer = {"failed": traceback.format_exc()}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
    finally:
        supervisor.close()


def zygote(control_descriptor: int, lifeline: int, sage: bool) -> None:
    """Prepares, imports, forks."""
    control = socket.socket(fileno=control_descriptor)
    plan = sandbox.Plan.loads(control.recv(65_536).decode())
    sandbox.prepare_zygote(plan, lifeline)
    names: dict = {}
    if sage:
        exec("from sage.all_cmdline import *", names)
        import sage.repl.user_globals
        from sage.repl.preparse import preparse

        sage.repl.user_globals.set_globals(names)
        os.chdir(os.environ["HOME"])
        for step in _WARM:
            exec(preparse(step), names)
        names["preparse"] = preparse
    sandbox.warm(plan)
    import ctypes  # noqa: F401
    import pty  # noqa: F401
    import resource  # noqa: F401

    threads = len(os.listdir("/proc/self/task"))
    pidfd = os.pidfd_open(os.getpid())
    socket.send_fds(control, [json.dumps({"pid": os.getpid(), "threads": threads}).encode()], [pidfd])
    os.close(pidfd)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65_536, 4)
        if not message:
            os._exit(0)
        order = json.loads(message)
        if "reap" in order:
            with contextlib.suppress(OSError):
                os.waitpid(order["reap"], 0)
            continue
        pid = sandbox.fork(plan)
        if pid == 0:
            work(plan, order, descriptors[0], names)
        os.close(descriptors[0])
        pidfd = os.pidfd_open(pid)
        socket.send_fds(control, [json.dumps({"pid": pid}).encode()], [pidfd])
        os.close(pidfd)


def work(plan: sandbox.Plan, facts: dict, descriptor: int, names: dict) -> None:
    """Runs texts until the channel ends; never returns."""
    channel = socket.socket(fileno=descriptor)
    try:
        sandbox.enter(plan, sandbox.WorkerFacts(keep=(descriptor,), **facts))
        channel.sendall(json.dumps({"ready": True, "pid_inside": os.getpid()}).encode() + b"\n")
    except BaseException:
        channel.sendall(json.dumps({"failed": traceback.format_exc()}).encode() + b"\n")
        os._exit(1)
    lines = channel.makefile("rb")
    space = dict(names, __name__="__main__", directory=facts["directory"])
    mine = os.getpid()
    for line in lines:
        try:
            text = json.loads(line)
            exec(space["preparse"](text) if "preparse" in space else text, space)
            value = space.get("result")
            answer = {
                "value": value if isinstance(value, (bool, int, float, str, list, dict, type(None))) else str(value)
            }
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}", "errno": getattr(error, "errno", None)}
            if not isinstance(error, OSError):
                answer["traceback"] = traceback.format_exc()
        if os.getpid() != mine:
            os._exit(0)
        channel.sendall(json.dumps(answer, default=str).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1] == "supervisor":
        supervise(json.loads(sys.argv[2]))
    else:
        zygote(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1")
