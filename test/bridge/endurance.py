# SPDX-License-Identifier: GPL-2.0-or-later
"""What a bridge must bear without losing a reply or growing: many executions, connections, sessions.

    PYTHONPATH=sage-bridge sage --python test/bridge/endurance.py [--minutes M] [PART …]

The parts are ``executions``, ``connects``, ``churn`` and ``sessions``; see the function of that name. Each prints one
line of JSON with its figures; the exit code is 1 when a promise was broken. ``npm run endure`` finds Sage and runs it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bridge_client import TOKEN, Bridge, fresh, wait_until
from sage_bridge.sandbox.kinship import children

#: Sessions after which the first server of this kind stopped to accept connections.
FAMOUS_SESSIONS = 340_028
#: Room for everybody at once: a part that measures loss must not be refused for want of a place.
ROOMY = ("--pool", "4", "--max-waiting", "400", "--wait", "120")
#: Longest wait for any one reply, seconds: whoever waits longer has lost it.
PATIENCE = 120.0
#: Growth that is told apart from noise, over a whole part: descriptors, and KiB of memory of one process.
MAX_DESCRIPTORS = 3
MAX_KIB = 4_096
#: The slope that a long run may have, KiB per 1,000 sessions: 30 MiB after the famous number.
MAX_SLOPE = 90.0


class Broken(AssertionError):
    """A promise was not kept; the text says which."""


class Link:
    """A relay's connection; every reply is given to whoever waits for it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._waiting: dict[tuple[str, str], asyncio.Future[dict]] = {}
        self._texts: dict[str, str] = {}
        self.dones: Counter[str] = Counter()
        self._task = asyncio.ensure_future(self._listen())

    @classmethod
    async def connect(cls, path: str) -> Link:
        """Connects and says who it is."""
        link = cls(*await asyncio.open_unix_connection(path))
        link._send({"type": "auth", "version": 1, "token": TOKEN})
        await link._reply("ready", "")
        return link

    def _send(self, message: dict) -> None:
        body = b"j" + json.dumps(message).encode()
        self._writer.write(len(body).to_bytes(4, "big") + body)

    async def _reply(self, kind: str, name: str) -> dict:
        future = asyncio.get_running_loop().create_future()
        self._waiting[kind, name] = future
        try:
            return await asyncio.wait_for(future, PATIENCE)
        except asyncio.TimeoutError:
            raise Broken(f"no {kind} came for {name!r} within {PATIENCE:g} s") from None
        finally:
            self._waiting.pop((kind, name), None)

    async def _listen(self) -> None:
        try:
            while True:
                size = int.from_bytes(await self._reader.readexactly(4), "big")
                self._take(json.loads((await self._reader.readexactly(size))[1:]))
        except (asyncio.IncompleteReadError, ConnectionError):
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Broken("the bridge closed the connection"))

    def _take(self, message: dict) -> None:
        kind = message["type"]
        if kind == "output" and message["output"]["kind"] == "stream":
            self._texts[message["execution"]] = self._texts.get(message["execution"], "") + message["output"]["text"]
        if kind == "done":
            self.dones[message["execution"]] += 1
        name = message.get("execution" if kind == "done" else "session", "")
        future = self._waiting.get((kind, "" if kind == "ready" else name))
        if future is not None and not future.done():
            future.set_result(message)
        if "seq" in message and kind in ("done", "closed"):
            self._send({"type": "ack", "session": message["session"], "seq": message["seq"]})

    async def execute(self, code: str, session: str | None = None, **more: object) -> tuple[dict, str]:
        """Runs code, in a session or without one; its ``done`` and the text that came before."""
        execution = fresh("e")
        where = {"session": session} if session else {"session": fresh("once"), "stateless": True}
        self._send({"type": "execute", "execution": execution, "code": code, **where, **more})
        done = await self._reply("done", execution)
        return done, self._texts.pop(execution, "")

    async def open(self) -> str:
        """Opens a session."""
        name = fresh("s")
        self._send({"type": "open", "session": name})
        await self._reply("opened", name)
        return name

    async def shut(self, session: str) -> None:
        """Ends a session."""
        self._send({"type": "close", "session": session})
        await self._reply("closed", session)

    async def close(self) -> None:
        """Ends the connection."""
        self._writer.close()
        await self._task


@dataclass
class State:
    """What may not grow, looked at from outside; None where this user may not look.

    Attributes:
        descriptors: open ones, by process.
        memory: of its own, KiB, by process.
        processes: below the bridge, zombies left out.
        zombies: below the bridge.
    """

    descriptors: dict[str, int | None] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    processes: int = 0
    zombies: int = 0


def _status(pid: int, name: str) -> str:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split(None, 1)[1]
    return ""


def permanent(bridge: Bridge) -> dict[str, int]:
    """The processes that stay: supervisor, keeper and zygote; waits until there are workers to know the zygote by."""
    found: list[int] = []

    def is_known() -> bool:
        found[:] = children(bridge.pid)
        while len(below := children(found[-1])) == 1:
            found.append(below[0])
        # Of all these only the zygote ever has several children: the workers that are parked.
        return len(below) > 1

    wait_until(is_known)
    return {"supervisor": bridge.pid, "keeper": found[0], "zygote": found[-1]}


def look(bridge: Bridge, named: dict[str, int]) -> State:
    """The state now."""
    state = State()
    for name, pid in named.items():
        try:
            state.descriptors[name] = len(os.listdir(f"/proc/{pid}/fd"))
        except PermissionError:
            state.descriptors[name] = None
        state.memory[name] = int(_status(pid, "RssAnon").split()[0])
    for pid in bridge.below():
        try:
            is_zombie = _status(pid, "State").startswith("Z")
        except OSError:
            continue
        state.zombies += is_zombie
        state.processes += not is_zombie
    return state


async def settled(bridge: Bridge, named: dict[str, int], processes: int | None = None) -> State:
    """The state when no worker is being made or removed any more, and there are as many processes as said."""
    before, same = look(bridge, named), 0
    deadline = time.monotonic() + 60
    while same < 5:
        await asyncio.sleep(0.2)
        now = look(bridge, named)
        is_quiet = now.descriptors == before.descriptors and now.processes == before.processes
        is_quiet = is_quiet and not now.zombies and processes in (None, now.processes)
        same = same + 1 if is_quiet else 0
        before = now
        if time.monotonic() > deadline:
            raise Broken(f"it does not come to rest: {now}; expected {processes} processes and no zombie")
    return before


def compare(before: State, after: State) -> dict:
    """What grew; raises Broken if that is more than noise."""
    descriptors = {k: v - before.descriptors[k] for k, v in after.descriptors.items() if v is not None}
    memory = {k: v - before.memory[k] for k, v in after.memory.items()}
    grown = [f"{v} descriptors in the {k}" for k, v in descriptors.items() if v > MAX_DESCRIPTORS]
    grown += [f"{v} KiB in the {k}" for k, v in memory.items() if v > MAX_KIB]
    if grown:
        raise Broken(f"it grew by {', '.join(grown)}")
    return {"descriptorsGrown": descriptors, "kib": after.memory, "kibGrown": memory, "zombies": after.zombies}


#: Code, and how it must end: what a reader may do to lose the ``done``.
_SNIPPETS = (
    ("print({n})", "ok", "{n}\n"),
    ("2^{n} % 7", "ok", ""),
    ("1/0", "error", ""),
    ("print('a'*4093)", "ok", "a" * 4093 + "\n"),
    ("print('é'*4096)", "ok", "é" * 4096 + "\n"),
    ("import sys; sys.exit({n})", None, ""),
    ("for i in range(20): print(i)", "ok", "".join(f"{i}\n" for i in range(20))),
    ("raise KeyboardInterrupt", None, ""),
    ("import sys; _ = sys.stderr.write('e{n}')", "ok", "e{n}"),
    ("x = {n}", "ok", ""),
)
#: … in a process that is thrown away.
_FATAL = (("import os; os._exit({n} % 200)", "killed", ""), ("print({n})", "ok", "{n}\n"))


async def executions(bridge: Bridge, count: int, sessions: int = 6) -> dict:
    """``count`` executions, one in twenty stateless and half of those fatal: each ends in exactly one done."""
    links = [await Link.connect(bridge.socket) for _ in range(sessions)]
    names = [await link.open() for link in links]
    numbers = itertools.count()
    statuses: Counter[str] = Counter()
    started = time.monotonic()

    async def client(link: Link, name: str) -> None:
        while (n := next(numbers)) < count:
            alone = n % 20 == 19
            table = _FATAL if alone else _SNIPPETS
            code, status, text = table[n // 20 % 2 if alone else n % len(table)]
            done, seen = await link.execute(code.format(n=n), None if alone else name)
            statuses[done["status"]] += 1
            if status is not None and done["status"] != status:
                raise Broken(f"execution {n} ended as {done}, not as {status}")
            if text and seen != text.format(n=n):
                raise Broken(f"execution {n} wrote {seen[:80]!r}, not {text[:80]!r}")

    await asyncio.gather(*map(client, links, names))
    seconds = time.monotonic() - started
    for link, name in zip(links, names):
        await link.shut(name)
        await link.close()
    dones = sum(sum(link.dones.values()) for link in links)
    twice = [name for link in links for name, times in link.dones.items() if times > 1]
    if dones != count or twice:
        raise Broken(f"{dones} dones came for {count} executions; more than once for {twice[:5]}")
    return {"executions": count, "dones": dones, "perSecond": round(count / seconds), "statuses": dict(statuses)}


async def connects(bridge: Bridge, count: int) -> dict:
    """``count`` connections made at the same moment, each with one run: none is refused, each is answered."""
    waits: list[float] = []

    async def client(number: int) -> None:
        link = await Link.connect(bridge.socket)
        waits.append(time.monotonic() - started)
        done, text = await link.execute(f"print({number})")
        if (done["status"], text) != ("ok", f"{number}\n"):
            raise Broken(f"connection {number} got {done} and {text!r}")
        await link.close()

    started = time.monotonic()
    await asyncio.gather(*map(client, range(count)))
    seconds = time.monotonic() - started
    return {"connects": count, "lastReadyMs": round(max(waits) * 1e3), "lastDoneMs": round(seconds * 1e3)}


async def churn(bridge: Bridge, clients: int, seconds: float) -> dict:
    """``clients`` at a time connect, open, execute, close and leave, over and over, each waiting for each reply."""
    end = time.monotonic() + seconds
    rounds = [0] * clients

    async def client(number: int) -> None:
        while time.monotonic() < end:
            link = await Link.connect(bridge.socket)
            name = await link.open()
            done, text = await link.execute(f"print({number}+1)", name)
            if (done["status"], text) != ("ok", f"{number + 1}\n"):
                raise Broken(f"client {number} got {done} and {text!r}")
            await link.shut(name)
            await link.close()
            rounds[number] += 1

    await asyncio.gather(*map(client, range(clients)))
    if not all(rounds):
        raise Broken(f"{rounds.count(0)} of {clients} clients never got through")
    return {"clients": clients, "seconds": seconds, "sessions": sum(rounds), "leastRounds": min(rounds)}


def slope(points: list[tuple[float, float]]) -> float:
    """Of the straight line that fits best."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


async def sessions(bridge: Bridge, named: dict[str, int], target: int, seconds: float, at_once: int = 4) -> dict:
    """A connection and a session each, one in ten opened and closed, the others stateless, until target or time."""
    numbers = itertools.count(1)
    end = time.monotonic() + seconds
    samples: list[tuple[int, State]] = []
    made = 0

    async def client() -> None:
        nonlocal made
        while made < target and time.monotonic() < end:
            number = next(numbers)
            if number > target:
                return
            link = await Link.connect(bridge.socket)
            name = await link.open() if number % 10 == 0 else None
            done, text = await link.execute(f"print({number})", name)
            if (done["status"], text) != ("ok", f"{number}\n"):
                raise Broken(f"session {number} got {done} and {text!r}")
            if name:
                await link.shut(name)
            await link.close()
            made += 1

    async def sample() -> None:
        while True:
            samples.append((made, look(bridge, named)))
            await asyncio.sleep(min(10.0, max(0.5, seconds / 60)))

    started = time.monotonic()
    sampler = asyncio.ensure_future(sample())
    try:
        await asyncio.gather(*(client() for _ in range(at_once)))
    finally:
        sampler.cancel()
    took = time.monotonic() - started
    # What is only touched once is touched in the first fifth.
    late = [(count, state) for count, state in samples if count >= made / 5]
    slopes: dict[str, dict[str, float]] = {"kib": {}, "descriptors": {}}
    for name in named:
        slopes["kib"][name] = round(1e3 * slope([(n, s.memory[name]) for n, s in late]), 2)
        open_ones = [(n, s.descriptors[name]) for n, s in late]
        if all(value is not None for _, value in open_ones):
            slopes["descriptors"][name] = round(1e3 * slope(open_ones), 3)
    figures = {"sessions": made, "of": target, "seconds": round(took), "perSecond": round(made / took, 1)}
    if seconds >= 300 and max(slopes["kib"].values()) > MAX_SLOPE:
        raise Broken(f"memory grows: {slopes} after {figures}")
    return {**figures, "slopePerThousand": slopes}


async def run(parts: list[str], minutes: float, scale: float, options: tuple[str, ...]) -> int:
    """Runs the parts on one bridge, one after the other; how many promises were broken."""
    broken = 0
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder:
        bridge = Bridge(Path(folder), *ROOMY, *options)
        facts = {name: bridge.listening[name] for name in ("sage", "sandbox")}
        print(json.dumps({**facts, "processors": os.cpu_count()}), flush=True)
        try:
            named = permanent(bridge)
            # What a first crowd needs, and what is loaded at its first use, is kept for the next.
            await executions(bridge, 60)
            await churn(bridge, 100, max(5.0, 20 * scale))
            for part in parts:
                before = await settled(bridge, named)
                try:
                    if part == "executions":
                        figures = await executions(bridge, int(10_000 * scale))
                    elif part == "connects":
                        figures = await connects(bridge, 200)
                    elif part == "churn":
                        figures = await churn(bridge, 100, 120 * scale)
                    else:
                        figures = await sessions(bridge, named, FAMOUS_SESSIONS, minutes * 60)
                    after = await settled(bridge, named, before.processes)
                    figures.update(compare(before, after))
                except Broken as error:
                    broken += 1
                    figures = {"broken": str(error)}
                print(json.dumps({"part": part, **figures}), flush=True)
        finally:
            bridge.stop()
    return broken


def main() -> int:
    """Reads the command line."""
    parts = ["executions", "connects", "churn", "sessions"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--minutes", type=float, default=60, help="longest time of the part sessions; default 60")
    parser.add_argument("--scale", type=float, default=1, help="of executions and churn; 0.1 for a tenth")
    parser.add_argument("--option", action="append", default=[], help="of the bridge: --option=--sandbox=off")
    chosen = parser.parse_args()
    if set(chosen.parts) - set(parts):
        parser.error(f"no part {', '.join(set(chosen.parts) - set(parts))}; there are {', '.join(parts)}")
    return 1 if asyncio.run(run(chosen.parts or parts, chosen.minutes, chosen.scale, tuple(chosen.option))) else 0


if __name__ == "__main__":
    sys.exit(main())
