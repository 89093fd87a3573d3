# SPDX-License-Identifier: GPL-2.0-or-later
"""What each command does."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import signal
import ssl
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import eventloop, log, messages, sandbox
from .link import Link
from .options import Refusal, address_of, parser, settings, tls_of, token_of
from .sandbox import check
from .supervisor import Supervisor


async def _listen(
    supervisor: Supervisor, kind: str, host: str, port: int, tls: ssl.SSLContext | None
) -> tuple[asyncio.AbstractServer, str]:
    loop = asyncio.get_running_loop()
    if kind != "unix":
        server = await loop.create_server(lambda: Link(supervisor), host, port, backlog=512, ssl=tls)
        bound = server.sockets[0].getsockname()
        return server, f"{kind}:{'[' + bound[0] + ']' if ':' in bound[0] else bound[0]}:{bound[1]}"
    path = Path(host)
    if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
        raise OSError(f"{host} exists and is not a socket")
    previous = os.umask(0o177)
    try:
        server = await loop.create_unix_server(lambda: Link(supervisor), host, backlog=512)
    finally:
        os.umask(previous)
    return server, f"unix:{host}"


async def _serve(
    options: argparse.Namespace,
    token: str,
    directory: str,
    plan: sandbox.Plan,
    hierarchies: sandbox.Hierarchies | None,
) -> int:
    # Six descriptors a worker: the usual soft limit is for programs that use a few.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if most == resource.RLIM_INFINITY else min(most, 16_384)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    kind, host, port = address_of(options, directory)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if options.lifeline == "stdin":
        _follow(sys.stdin.fileno(), ended)
    supervisor = Supervisor(directory, token, settings(options), plan, hierarchies)
    server = None
    code = 0
    try:
        starting = asyncio.ensure_future(supervisor.start())
        stopping = asyncio.ensure_future(ended.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            server, address = await _listen(supervisor, kind, host, port, tls_of(options))
            facts = supervisor.nursery.facts
            event = {
                "event": "listening",
                "address": address,
                "sage": facts["sage"],
                "parked": supervisor.pool.parked,
                "sandbox": plan.level,
            }
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
    schemas = messages.load()
    judges = {name: messages.Judge(schemas[name]) for name in messages.UNIONS}
    for line in sys.stdin:
        if not line.strip():
            continue
        asked = json.loads(line)
        try:
            judges[asked["schema"]].read(asked["text"])
            verdict: dict[str, Any] = {"ok": True}
        except messages.Problem as problem:
            parts = {"code": problem.code, "message": str(problem), "field": problem.field, "about": problem.about}
            verdict = {"ok": False, "problem": {name: part for name, part in parts.items() if part is not None}}
        print(json.dumps(verdict), flush=True)
    return 0


def _plan(options: argparse.Namespace, directory: str, hierarchies: sandbox.Hierarchies | None) -> sandbox.Plan:
    """What the sandbox will be, written to the log. Raises Refusal when that is not enough."""
    quota = settings(options).quota
    mode = options.sandbox or ("require" if options.allow_remote else "best-effort")
    try:
        plan = sandbox.make_plan(
            mode,
            egress=options.egress,
            scratch=directory,
            without=options.without,
            hierarchies=hierarchies,
            sizes=sandbox.Sizes(scratch_bytes=quota.disk_bytes, scratch_files=quota.disk_files),
        )
    except sandbox.SandboxMissing as missing:
        raise Refusal(f"--sandbox {mode}: {missing}") from None
    gaps = [{"layer": layer.name, "reason": layer.reason} for layer in plan.missing(required=False)]
    tell = log.warn if plan.missing() else log.info
    tell("sandbox", mode=plan.mode, reached=plan.level, egress=plan.egress, missing=gaps)
    return plan


def main(arguments: list[str]) -> int:
    """Runs one command; returns the exit code: 0 well, 2 for an option that can't be obeyed."""
    if arguments[:1] == ["check"]:
        return check.main(arguments[1:])
    options = parser().parse_args(arguments)
    if options.command == "validate":
        return _validate()
    directory = hierarchies = None
    try:
        token = token_of(options)
        address_of(options, "")
        tls_of(options)
        directory = os.path.realpath(tempfile.mkdtemp(prefix="sage-bridge-"))
        # Before the loop, which may start threads: layers are tried in forks of this process.
        if options.sandbox != "off" and sandbox.LINUX:
            hierarchies = sandbox.open_hierarchies()
        plan = _plan(options, directory, hierarchies)
        return eventloop.run(_serve(options, token, directory, plan, hierarchies))
    except (Refusal, LookupError) as refusal:
        print(f"sage_bridge: {refusal}", file=sys.stderr)
        return 2
    finally:
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)
            log.info("stopped")
        if hierarchies is not None:
            sandbox.close_hierarchies(hierarchies)
