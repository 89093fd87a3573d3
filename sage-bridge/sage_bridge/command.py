# SPDX-License-Identifier: GPL-2.0-or-later
"""Options, and what each command does with them."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import os
import resource
import shutil
import signal
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import __version__, log, schema
from .limits import RunLimits, Settings
from .link import Link
from .supervisor import Supervisor

TOKEN_VARIABLE = "SAGE_BRIDGE_TOKEN"  # noqa: S105
#: Shortest token: what `openssl rand -hex 8` prints.
MIN_TOKEN_LENGTH = 16


class Refusal(Exception):
    """An option that can't be obeyed; the text names it, its value and what is allowed."""


def _amount(text: str, whole: bool, low: float, high: float) -> float:
    kind = "whole number" if whole else "number"
    try:
        value: float = int(text) if whole else float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: a {kind} from {low:g} to {high:g}")
    return value


def _count(low: int, high: int) -> Any:
    return lambda text: int(_amount(text, True, low, high))


def _seconds(text: str) -> float:
    return _amount(text, False, 0.05, 604_800)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sage_bridge", description="Runs Sage for relays.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="serve|validate")
    serve = commands.add_parser("serve", help="answer relays until told to stop")
    usual = Settings()
    serve.add_argument("--listen", metavar="unix:PATH|tcp:HOST:PORT", help="default: a socket in a private folder")
    serve.add_argument("--allow-remote", action="store_true", help="accept an address that is not loopback")
    serve.add_argument("--token-file", metavar="PATH", help=f"holds the shared token; else {TOKEN_VARIABLE} does")
    serve.add_argument("--lifeline", choices=["stdin"], help="stop when standard input ends")
    serve.add_argument("--pool", type=_count(1, 1_000), default=usual.pool, help="workers kept ready")
    serve.add_argument("--max-sessions", type=_count(1, 100_000), default=usual.max_sessions)
    serve.add_argument("--max-waiting", type=_count(0, 100_000), default=usual.max_waiting)
    for option, value, meaning in (
        ("wait", usual.wait, "longest wait for a worker"),
        ("stateless-wall", usual.stateless.wall_ms / 1_000, "time of an execution without a session"),
        ("stateless-cpu", usual.stateless.cpu_ms / 1_000, "processor time of one"),
        ("session-wall", usual.session.wall_ms / 1_000, "time of an execution in a session"),
        ("session-cpu", usual.session.cpu_ms / 1_000, "processor time of one"),
        ("idle", usual.idle, "a session without an execution ends after this"),
        ("lifetime", usual.lifetime, "a session ends at this age"),
        ("grace", usual.grace, "a session without a relay ends after this"),
    ):
        serve.add_argument(f"--{option}", type=_seconds, default=value, metavar="SECONDS", help=meaning)
    commands.add_parser("validate", help="judge messages: JSON lines of schema and text on standard input")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        pool=options.pool,
        max_sessions=options.max_sessions,
        max_waiting=options.max_waiting,
        wait=options.wait,
        stateless=RunLimits(options.stateless_wall * 1_000, options.stateless_cpu * 1_000),
        session=RunLimits(options.session_wall * 1_000, options.session_cpu * 1_000),
        idle=options.idle,
        lifetime=options.lifetime,
        grace=options.grace,
    )


def _token(options: argparse.Namespace) -> str:
    # Taken away at once, so that no child and no reader of /proc finds it there later.
    token = os.environ.pop(TOKEN_VARIABLE, None)
    source = TOKEN_VARIABLE
    if options.token_file is not None:
        source = f"--token-file {options.token_file}"
        try:
            token = Path(options.token_file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refusal(f"{source}: can't be read: {error}") from None
    if token is None:
        raise Refusal(f"no token: give --token-file PATH or set {TOKEN_VARIABLE}")
    token = token.strip()
    if len(token) < MIN_TOKEN_LENGTH:
        raise Refusal(f"{source}: a token of {len(token)} characters; allowed: {MIN_TOKEN_LENGTH} or more")
    return token


def _address(options: argparse.Namespace, directory: str) -> tuple[str, str, int]:
    """The kind, the host or path, and the port to listen on."""
    text = options.listen or f"unix:{directory}/bridge.sock"
    wanted = f"--listen {text}: not allowed: unix:PATH or tcp:HOST:PORT"
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest:
        return kind, rest, 0
    host, _, port = rest.rpartition(":")
    host = host.strip("[]")
    if kind != "tcp" or not host or not port.isdigit() or int(port) > 65_535:
        raise Refusal(wanted)
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback and not options.allow_remote:
        raise Refusal(f"--listen {text}: not a loopback address; --allow-remote permits it")
    return kind, host, int(port)


async def _listen(supervisor: Supervisor, kind: str, host: str, port: int) -> tuple[asyncio.AbstractServer, str]:
    loop = asyncio.get_running_loop()
    if kind == "tcp":
        server = await loop.create_server(lambda: Link(supervisor), host, port, backlog=512)
        bound = server.sockets[0].getsockname()
        return server, f"tcp:{'[' + bound[0] + ']' if ':' in bound[0] else bound[0]}:{bound[1]}"
    path = Path(host)
    if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
        raise OSError(f"{host} exists and is not a socket")
    previous = os.umask(0o177)
    try:
        server = await loop.create_unix_server(lambda: Link(supervisor), host, backlog=512)
    finally:
        os.umask(previous)
    return server, f"unix:{host}"


async def _serve(options: argparse.Namespace, token: str, directory: str) -> int:
    # Six descriptors a worker: the usual soft limit is for programs that use a few.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if most == resource.RLIM_INFINITY else min(most, 16_384)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    kind, host, port = _address(options, directory)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if options.lifeline == "stdin":
        _follow(sys.stdin.fileno(), ended)
    supervisor = Supervisor(directory, token, _settings(options))
    server = None
    code = 0
    try:
        starting = asyncio.ensure_future(supervisor.start())
        stopping = asyncio.ensure_future(ended.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            server, address = await _listen(supervisor, kind, host, port)
            facts = supervisor.nursery.facts
            event = {"event": "listening", "address": address, "sage": facts["sage"], "parked": supervisor.pool.parked}
            print(json.dumps(event), flush=True)
            await stopping
        starting.cancel()
    except OSError as error:
        print(f"sage_bridge: --listen {options.listen}: {error}", file=sys.stderr)
        code = 2
    finally:
        if server is not None:
            server.close()
        await supervisor.stop()
        if kind == "unix" and server is not None:
            Path(host).unlink(missing_ok=True)
    return code


def _follow(descriptor: int, ended: asyncio.Event) -> None:
    """Sets ``ended`` when the other end of the descriptor is closed."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        try:
            data = os.read(descriptor, 65_536)
        except OSError:
            data = b""
        if not data:
            loop.remove_reader(descriptor)
            ended.set()

    try:
        loop.add_reader(descriptor, readable)
    except OSError:
        # A plain file can't be watched, and has no other end that could go away.
        raise Refusal("--lifeline stdin: standard input is not a pipe, socket or terminal") from None


def _validate() -> int:
    judges = {name: schema.Judge(union) for name, union in schema.load().items()}
    for line in sys.stdin:
        if not line.strip():
            continue
        asked = json.loads(line)
        try:
            judges[asked["schema"]].read(asked["text"])
            verdict: dict[str, Any] = {"ok": True}
        except schema.Problem as problem:
            parts = {"code": problem.code, "message": str(problem), "field": problem.field, "about": problem.about}
            verdict = {"ok": False, "problem": {name: part for name, part in parts.items() if part is not None}}
        print(json.dumps(verdict), flush=True)
    return 0


def main(arguments: list[str]) -> int:
    """Runs one command; returns the exit code: 0 well, 2 for an option that can't be obeyed."""
    options = _parser().parse_args(arguments)
    if options.command == "validate":
        return _validate()
    directory = None
    try:
        token = _token(options)
        _address(options, "")
        directory = tempfile.mkdtemp(prefix="sage-bridge-")
        return asyncio.run(_serve(options, token, directory))
    except Refusal as refusal:
        print(f"sage_bridge: {refusal}", file=sys.stderr)
        return 2
    finally:
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)
            log.info("stopped")
