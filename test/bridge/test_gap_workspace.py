"""GAP's first use in a session: its state is loaded, nobody can change what the others load."""

from __future__ import annotations

import pytest
from bridge_client import Session

IS_LOADED = "print('-L' in str(libgap.eval('GAPInfo.SystemCommandLine')))"


@pytest.fixture(scope="module", autouse=True)
def made(shared_bridge):
    """The bridge has made the state, and replaced the workers that were ready before."""
    shared_bridge.wait_for_gap()


def test_it_is_loaded_and_nothing_is_written_for_it(session):
    assert session.run(IS_LOADED).stdout == "True\n"
    assert session.run("%gap\nSize(SymmetricGroup(4));").stdout == "24\n"
    assert session.run("SymmetricGroup(5).order()").value == "120"
    size = "import os; sum(os.path.getsize(os.path.join(a, f)) for a, _, b in os.walk(os.getcwd()) for f in b) < 100000"
    assert session.run(size).value == "True"


def test_random_numbers_are_each_sessions_own_and_what_is_definite_is_pure(client):
    draw = "print(libgap.eval('Random(GlobalMersenneTwister, 1, 10^15)'), Integer(1))"
    runs = [client.run(draw) for _ in range(2)]
    assert len({run.stdout for run in runs}) == 2
    assert [run.done.get("pure") for run in runs] == [False, False]
    assert client.run("print(libgap.eval('Size(SymmetricGroup(4))'))").done["pure"] is True


@pytest.mark.parametrize(
    "attempt",
    [
        "os.write(201, b'x')",
        "os.ftruncate(201, 0)",
        "open('/proc/self/fd/201', 'r+b').write(b'x')",
        "mmap.mmap(201, 4096, mmap.MAP_SHARED, mmap.PROT_WRITE)",
        "fcntl.fcntl(201, fcntl.F_ADD_SEALS, 0)",
    ],
)
def test_nobody_can_change_it(client, attempt):
    code = f"import fcntl, mmap, os\ntry:\n    {attempt}\nexcept OSError as e:\n    print('refused')"
    assert client.run(code, language="python").stdout == "refused\n"


def test_a_session_that_closes_it_starts_gap_from_the_beginning(client):
    session = Session(client).open()
    session.run("import os; os.close(201r)")
    assert session.run(IS_LOADED).stdout == "False\n"
    assert session.run("%gap\nSize(SymmetricGroup(4));").stdout == "24\n"
    session.close()
