# SPDX-License-Identifier: GPL-2.0-or-later
"""The attacks of ``attacks.py``, run as user code at each level, against the verdicts in ``expected.json``."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from contextlib import ExitStack

import pytest
from conftest import CANARY, HERE, linux

pytestmark = linux

with open(os.path.join(HERE, "attacks.py"), encoding="utf-8") as _file:
    ATTACKS = _file.read()
with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as _file:
    EXPECTED = json.load(_file)


@pytest.fixture(scope="module")
def found(colony):
    """Probe → verdict at this level, with the neighbours it was tried on."""
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        tcp.setblocking(False)
        udp.setblocking(False)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "server.sock")
        server = stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(path)
        os.chmod(path, 0o777)
        server.listen(8)
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagrams.bind(path + ".datagram")
        os.chmod(path + ".datagram", 0o777)
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0server-{os.getpid()}-{colony.level}")
        abstract.listen(8)
        secret = os.path.join(folder, "secret.txt")
        with open(secret, "w") as file:
            file.write("secret")
        os.chmod(secret, 0o644)
        sibling = colony.ask("fork", name="sibling")
        colony.run(
            "sibling",
            "import os, signal, socket\n"
            "open('public.txt', 'w').write('x'); os.chmod('public.txt', 0o644); os.chmod('.', 0o755)\n"
            "signals = []\nsignal.signal(signal.SIGURG, lambda *_: signals.append(1))\n"
            f"listener = socket.socket(socket.AF_UNIX); listener.bind('\\0sibling-{colony.pid}'); listener.listen(8)",
        )
        facts = {
            "mounted": colony.level != "floor",
            "base": colony.about["base"],
            "source": os.path.join(HERE, "..", "..", "..", "sage-bridge", "sage_bridge", "sandbox", "plan.py"),
            "secret_file": secret,
            "sibling": sibling["pid"],
            "sibling_directory": sibling["directory"],
            "zygote": colony.about["zygote"],
            "keeper": colony.about["keeper"],
            "supervisor": colony.pid,
            "canary": CANARY,
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "path_socket": path,
            "path_datagram": path + ".datagram",
            "abstract": f"sibling-{colony.pid}",
            "servers_abstract": f"server-{os.getpid()}-{colony.level}",
        }
        facts["source"] = os.path.realpath(facts["source"])
        verdicts = {}
        for which in ("PROBES", "HEAVY"):
            name = f"attacker-{which.lower()}"
            colony.ask("fork", name=name)
            verdicts.update(colony.run(name, f"{ATTACKS}\nresult = verdicts({facts!r}, {which})", timeout=40))
            colony.ask("kill", name=name)
        verdicts["_signals"] = colony.run("sibling", "import time; time.sleep(0.05); result = len(signals)")
        colony.ask("kill", name="sibling")
        for listener, take in ((tcp, tcp.accept), (udp, lambda: udp.recv(1))):
            try:
                take()
                verdicts["_heard"] = repr(listener)
            except BlockingIOError:
                continue
        record = os.environ.get("SANDBOX_VERDICTS")
        if record:
            with open(f"{record}-{colony.level}.json", "w") as file:
                json.dump(verdicts, file, indent=1, sort_keys=True)
        return verdicts


def test_no_attack_is_allowed_that_the_table_does_not_expect(colony, found):
    table = EXPECTED[colony.level]
    surprises = {
        name: verdict
        for name, verdict in found.items()
        if not name.startswith("_") and verdict == "ALLOWED" and table.get(name) != "ALLOWED"
    }
    assert surprises == {}


def test_every_attack_gets_the_verdict_of_the_table(colony, found):
    if colony.about["plan"]["landlockAbi"] < 6:
        pytest.skip("the table was made with Landlock ABI 6 or later")
    differences = {
        name: (verdict, EXPECTED[colony.level].get(name))
        for name, verdict in found.items()
        if not name.startswith("_") and verdict not in EXPECTED[colony.level].get(name, "").split("|")
    }
    assert differences == {}


def test_the_table_names_every_attack_and_no_other(colony, found):
    names = {name for name in found if not name.startswith("_")}
    assert names == set(EXPECTED[colony.level])
    assert len(names) >= 49


def test_nothing_reaches_the_listeners(found):
    assert "_heard" not in found


def test_no_signal_reaches_the_sibling(found):
    assert found["_signals"] == 0


def test_every_gap_in_the_table_is_known():
    gaps = {level: sorted(n for n, v in table.items() if "ALLOWED" in v) for level, table in EXPECTED.items()}
    assert gaps == {
        # No file system of its own, so no quota: the disk watch ends such a session. The list of processes is open.
        # Singular needs a named semaphore: files of known name may be made where all sessions make theirs.
        "floor": ["count_processes", "fill_disk", "many_files", "write_shared_memory"],
        "root": ["count_processes"],
        "root+pidns": [],
        "userns": [],
    }
