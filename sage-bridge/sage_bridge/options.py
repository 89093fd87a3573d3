# SPDX-License-Identifier: GPL-2.0-or-later
"""The options of ``serve``, and what they must be."""

from __future__ import annotations

import argparse
import ipaddress
import os
import ssl
from pathlib import Path
from typing import Any

from . import __version__
from .limits import MEBIBYTE, Quota, RunLimits, Settings
from .sandbox import levels

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


def _share(text: str) -> float:
    return _amount(text, False, 0.05, 1_024)


def parser() -> argparse.ArgumentParser:
    """Of the whole command line."""
    parser = argparse.ArgumentParser(prog="sage_bridge", description="Runs Sage for relays.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="serve|check|validate")
    serve = commands.add_parser("serve", help="answer relays until told to stop")
    usual = Settings()
    serve.add_argument(
        "--listen", metavar="unix:PATH|tcp:HOST:PORT|tls:HOST:PORT", help="default: a socket in a private folder"
    )
    serve.add_argument("--allow-remote", action="store_true", help="accept an address that is not loopback")
    serve.add_argument("--tls-cert", metavar="PATH", help="certificate chain (PEM) for a tls: address")
    serve.add_argument("--tls-key", metavar="PATH", help="its key (PEM)")
    serve.add_argument(
        "--tls-client-ca", metavar="PATH", help="only relays with a certificate that one of these (PEM) signed"
    )
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
    quota = usual.quota
    for option, low, high, size, meaning in (
        ("memory", 64, 1 << 20, quota.memory_bytes, "memory of a session"),
        ("disk", 1, 1 << 20, quota.disk_bytes, "files of a session"),
        ("reserve", 0, 1 << 20, usual.reserve_bytes, "no session begins when less memory is available"),
    ):
        serve.add_argument(
            f"--{option}", type=_count(low, high), default=size // MEBIBYTE, metavar="MIB", help=f"{meaning}, MiB"
        )
    serve.add_argument("--files", type=_count(16, 1_000_000), default=quota.disk_files, help="files of a session")
    serve.add_argument("--processes", type=_count(4, 10_000), default=quota.processes, help="processes of a session")
    serve.add_argument(
        "--processors", type=_share, default=quota.processors, help="processors of a session; 1 is a core"
    )
    serve.add_argument(
        "--sandbox",
        choices=levels.MODES,
        help="require: don't start without every required layer; default with --allow-remote, else best-effort",
    )
    serve.add_argument(
        "--without", action="append", choices=levels.NAMES, default=[], metavar="LAYER", help="leave a layer out"
    )
    serve.add_argument("--egress", action="store_true", help="let readers' code use the network")
    commands.add_parser(
        "check", help="what the sandbox can do on this machine, and why something is missing", add_help=False
    )
    commands.add_parser("validate", help="judge messages: JSON lines of schema and text on standard input")
    return parser


def settings(options: argparse.Namespace) -> Settings:
    """The operator's choices."""
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
        quota=Quota(
            memory_bytes=options.memory * MEBIBYTE,
            processes=options.processes,
            processors=options.processors,
            disk_bytes=options.disk * MEBIBYTE,
            disk_files=options.files,
        ),
        reserve_bytes=options.reserve * MEBIBYTE,
    )


def token_of(options: argparse.Namespace) -> str:
    """The shared token, which is then nowhere else. Raises Refusal."""
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


def address_of(options: argparse.Namespace, directory: str) -> tuple[str, str, int]:
    """The kind, the host or path, and the port to listen on. Raises Refusal."""
    text = options.listen or f"unix:{directory}/bridge.sock"
    wanted = f"--listen {text}: not allowed: unix:PATH, tcp:HOST:PORT or tls:HOST:PORT"
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest:
        return kind, rest, 0
    host, _, port = rest.rpartition(":")
    host = host.strip("[]")
    if kind not in ("tcp", "tls") or not host or not port.isdigit() or int(port) > 65_535:
        raise Refusal(wanted)
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback and not options.allow_remote:
        raise Refusal(f"--listen {text}: not a loopback address; --allow-remote permits it")
    return kind, host, int(port)


def tls_of(options: argparse.Namespace) -> ssl.SSLContext | None:
    """How relays are met at a ``tls:`` address; None at another. Raises Refusal."""
    given = {name: getattr(options, f"tls_{name}") for name in ("cert", "key", "client_ca")}
    is_tls = (options.listen or "").startswith("tls:")
    if not is_tls:
        for name, value in given.items():
            if value is not None:
                raise Refusal(f"--tls-{name.replace('_', '-')} {value}: --listen is no tls:HOST:PORT")
        return None
    if given["cert"] is None or given["key"] is None:
        raise Refusal(f"--listen {options.listen}: needs --tls-cert PATH and --tls-key PATH")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(given["cert"], given["key"])
        if given["client_ca"] is not None:
            context.load_verify_locations(given["client_ca"])
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(str(value) for value in given.values() if value is not None)
        raise Refusal(f"--tls-…: {files}: can't be used: {error}") from None
    return context
