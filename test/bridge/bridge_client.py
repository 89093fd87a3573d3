"""The bridge as a process, and the relay's side of the wire, scripted and blocking."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from sage_bridge.sandbox.kinship import descendants, is_alive

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests-only"
#: Longest wait for any one message, seconds: generous, since only a failing test ever waits so long.
PATIENCE = 20

_numbers = itertools.count(1)


def fresh(prefix="x"):
    """An identifier nobody used."""
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


class Bridge:
    """``python -m sage_bridge serve`` on a socket of its own."""

    def __init__(self, folder, *options, prepare=None, **environment):
        """``prepare`` is called in the process before it becomes the bridge."""
        self.socket = str(folder / "s")
        self.temp = folder / "t"
        self.temp.mkdir()
        shutil.chown(self.temp, folder.stat().st_uid)
        env = {**os.environ, "PYTHONPATH": str(ROOT / "sage-bridge"), "TMPDIR": str(self.temp)}
        env.update({"SAGE_BRIDGE_TOKEN": TOKEN, **environment})
        self.log = open(folder / "log", "wb")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sage_bridge", "serve", "--listen", f"unix:{self.socket}", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=env,
            cwd="/" if prepare else None,
            preexec_fn=prepare,
        )
        readable, _, _ = select.select([self.process.stdout], [], [], 180)
        line = self.process.stdout.readline() if readable else b""
        if not line:
            self.stop()
            raise AssertionError(f"the bridge did not start: {(folder / 'log').read_text()}")
        self.listening = json.loads(line)

    @property
    def pid(self):
        return self.process.pid

    def below(self):
        """Pids of all processes below the bridge."""
        return descendants(self.pid)

    def named(self, name):
        """Pids of the processes below the bridge that code called ``marked(name)`` gave that name."""
        found = []
        for pid in self.below():
            try:
                if Path(f"/proc/{pid}/comm").read_text().strip() == name and is_alive(pid):
                    found.append(pid)
            except OSError:
                continue
        return found

    def wait_for_gap(self):
        """Waits until sessions get GAP's state to load, without keeping the zygote from making it."""
        wait_until(lambda: "GAP's state is kept" in Path(self.log.name).read_text(), 180)
        client = Client(self).auth()
        has_it = "import os; print(os.path.exists('/proc/self/fd/201'))"
        wait_until(lambda: all(client.run(has_it).stdout == "True\n" for _ in range(4)), 60)
        client.close()

    def stop(self, number=signal.SIGTERM):
        """Ends the bridge and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.process.stdin.close()
            self.process.stdout.close()
            self.log.close()


def marked(name):
    """Code that gives its process, and what it forks from then on, a name to be found by from outside."""
    return f"import ctypes; _ = ctypes.CDLL(None).prctl(int(15), b{name!r})\n"


def wait_until(claim, seconds=PATIENCE):
    """Waits until ``claim()`` holds."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.01)


def workers_in_use(client):
    """How many workers of the client's bridge are handed out and not removed yet."""
    client.send({"type": "ping"})
    return client.wait("pong")["workers"]["inUse"]


class Client:
    """A relay, connected to a bridge or to a TCP address. ``wait`` keeps what it passes over for later."""

    def __init__(self, bridge):
        address = bridge if isinstance(bridge, tuple) else bridge.socket
        self._socket = socket.socket(socket.AF_INET if isinstance(bridge, tuple) else socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(address)
        self._data = b""
        self._kept = []
        self.ready = None

    def auth(self, token=TOKEN):
        self.send({"type": "auth", "version": 1, "token": token})
        self.ready = self.wait("ready")
        return self

    def close(self):
        self._socket.close()

    def send(self, message):
        self.send_frame(b"j" + json.dumps(message).encode())

    def send_frame(self, body):
        self.send_bytes(struct.pack(">I", len(body)) + body)

    def send_bytes(self, data):
        self._socket.sendall(data)

    def receive(self, seconds=PATIENCE):
        """The next message from the wire."""
        self._socket.settimeout(seconds)
        while True:
            if len(self._data) >= 4:
                end = 4 + int.from_bytes(self._data[:4], "big")
                if len(self._data) >= end:
                    assert self._data[4:5] == b"j"
                    message = json.loads(self._data[5:end])
                    self._data = self._data[end:]
                    return message
            more = self._socket.recv(1 << 20)
            if not more:
                raise EOFError
            self._data += more

    def wait(self, kind, **fields):
        """The next message of that type with those fields; others are kept."""

        def fits(message):
            return message["type"] == kind and all(message.get(name) == value for name, value in fields.items())

        for index, message in enumerate(self._kept):
            if fits(message):
                return self._kept.pop(index)
        while True:
            message = self.receive()
            if fits(message):
                return message
            self._kept.append(message)

    def nothing_more(self, seconds=0.3):
        """Asserts that no message comes within the time."""
        try:
            message = self.receive(seconds)
        except socket.timeout:
            return
        raise AssertionError(f"unexpected: {message}")

    def start(self, code, session=None, **fields):
        """Sends an ``execute``; returns its id and the session's name."""
        execution = fresh("e")
        name = session or fresh("once")
        message = {"type": "execute", "execution": execution, "session": name, "code": code, **fields}
        if session is None:
            message["stateless"] = True
        self.send(message)
        return execution, name

    def finish(self, execution):
        """Everything of an execution up to its ``done``."""
        messages = [message for message in self._kept if message.get("execution") == execution]
        self._kept = [message for message in self._kept if message.get("execution") != execution]
        while not messages or messages[-1]["type"] != "done":
            message = self.receive()
            (messages if message.get("execution") == execution else self._kept).append(message)
        return Run(messages)

    def run(self, code, session=None, **fields):
        """Runs code to its end."""
        return self.finish(self.start(code, session, **fields)[0])


def in_order(outputs):
    """Outputs in order: ``stdout:text``, ``display:text/plain``, ``error``; texts of one stream that follow each other are one."""
    lines = []
    for before, output in zip([{}, *outputs], outputs):
        kind = output["kind"]
        if kind == "stream" and before.get("kind") == "stream" and before["name"] == output["name"]:
            lines[-1] += output["text"]
        elif kind == "stream":
            lines.append(f"{output['name']}:{output['text']}")
        else:
            lines.append(f"display:{output['data']['text/plain']}" if kind == "display" else kind)
    return lines


class Run:
    """What one execution brought."""

    def __init__(self, messages):
        self.messages = messages
        self.done = messages[-1]
        self.status = self.done["status"]
        self.outputs = [message["output"] for message in messages if message["type"] == "output"]
        self.states = [message["state"] for message in messages if message["type"] == "status"]
        self.stdout = self._text("stdout")
        self.stderr = self._text("stderr")
        self.displays = [output for output in self.outputs if output["kind"] == "display"]
        self.error = next((output for output in self.outputs if output["kind"] == "error"), None)

    def _text(self, name):
        return "".join(output["text"] for output in self.outputs if output.get("name") == name and "text" in output)

    @property
    def value(self):
        """Text of the last value."""
        return self.displays[-1]["data"]["text/plain"]

    @property
    def kinds(self):
        """As ``in_order`` tells them."""
        return in_order(self.outputs)


class Session:
    """A session of a client."""

    def __init__(self, client, name=None):
        self.client = client
        self.name = name or fresh("s")

    def open(self):
        self.client.send({"type": "open", "session": self.name})
        opened = self.client.wait("opened", session=self.name)
        assert (opened["resumed"], opened["missed"]) == (False, 0)
        return self

    def start(self, code, **fields):
        return self.client.start(code, self.name, **fields)[0]

    def run(self, code, **fields):
        return self.client.run(code, self.name, **fields)

    def wait_output(self, execution, text):
        """Waits until the execution has written ``text``."""
        seen = ""
        while text not in seen:
            output = self.client.wait("output", execution=execution)["output"]
            seen += output.get("text", "")
        return seen

    def send(self, kind, **fields):
        self.client.send({"type": kind, "session": self.name, **fields})

    def close(self):
        try:
            self.send("close")
        except OSError:
            pass
