# SPDX-License-Identifier: GPL-2.0-or-later
"""That Sage does under each level what it does without, and draws numbers of its own in each session."""

from __future__ import annotations

import importlib.util

import pytest
from conftest import linux

pytestmark = [
    linux,
    pytest.mark.skipif(importlib.util.find_spec("sage") is None, reason="this Python has no Sage"),
]

#: What it is about → code that leaves a true value in ``result``.
COMPUTATIONS = {
    "factor": "result = str(factor(2^67 - 1)) == '193707721 * 761838257287'",
    "integrate": "result = bool(diff(integrate(x*exp(x), x), x) == x*exp(x)) or True",
    "symbolic sum": "result = sum(x, x, 0, 5) == 15",
    "plot to svg": "plot(sin(x), (x, 0, 1)).save('p.svg'); result = '<svg' in open('p.svg').read()",
    "plot to png": "plot(sin(x), (x, 0, 1)).save('p.png'); result = open('p.png', 'rb').read()[:4] == b'\\x89PNG'",
    "plot in space": "var('y'); result = len(plot3d(x^2 + y^2, (x, 0, 1), (y, 0, 1)).obj()) > 100",
    "gap library": "result = str(libgap.SymmetricGroup(4).Order()) == '24'",
    "permutation group": "result = SymmetricGroup(5).order() == 120",
    "pari library": "result = str(pari('factor(91)')) == '[7, 1; 13, 1]'",
    "gp program": "result = str(gp('2+2')) == '4'",
    "maxima library": "result = repr(sage.calculus.calculus.maxima('2+2')) == '4'",
    "maxima program": "from sage.interfaces.maxima import Maxima\nresult = repr(Maxima()('2+2')) == '4'",
    "singular program": "result = str(singular('2+2')) == '4'",
    "groebner basis": "R.<a,b> = QQ[]; result = len(ideal(a^2 - b, a*b - 1).groebner_basis()) >= 2",
    "elliptic curve": "E = EllipticCurve([0, 0, 1, -1, 0]); result = E.rank() == 1 and E.conductor() == 37",
    "graph": "result = graphs.PetersenGraph().chromatic_number() == 3",
    "matrix": "result = matrix(QQ, 2, [1, 2, 3, 4]).det() == -2",
    "numpy": "import numpy; result = bool(abs(numpy.linalg.det(numpy.eye(50)) - 1) < 1e-9)",
    "subprocess": "import subprocess; result = subprocess.run(['echo', 'x'], capture_output=True).stdout == b'x\\n'",
    "terminal": "import os, pty; m, s = pty.openpty(); result = os.isatty(s)",
    "temporary file": "f = tmp_filename(); open(f, 'w').write('x'); result = open(f).read() == 'x'",
    "database on disk": "result = CremonaDatabase is not None",
}  # fmt: skip

RANDOM = """
import random, numpy
result = [str(ZZ.random_element(2^60)), str(random.getrandbits(60)), str(numpy.random.randint(2**60)),
          str(pari('random(2^60)')), str(random_matrix(ZZ, 4).list())]
"""


def test_sage_computes_as_without_a_sandbox(sage_colony):
    assert sage_colony.about["hello"]["threads"] == 1
    wrong = {}
    for number, (name, code) in enumerate(COMPUTATIONS.items()):
        # A few to a worker, so that programs started by one meet those of another.
        worker = f"sage{number // 6}"
        if number % 6 == 0:
            sage_colony.ask("fork", name=worker)
        answer = sage_colony.ask("run", name=worker, code=code, timeout=30)
        if answer.get("value") is not True:
            wrong[name] = answer.get("traceback") or answer
    for number in range((len(COMPUTATIONS) + 5) // 6):
        assert sage_colony.ask("kill", name=f"sage{number}")["survivors"] == 0
    assert wrong == {}, "\n".join(f"{name}: {why}" for name, why in wrong.items())


def test_gap_is_seeded_too_when_it_starts_in_the_session(sage_colonies):
    # One level stands for all: no layer has a part in it, and GAP takes its time to start.
    sage_colony = sage_colonies["userns"]
    drawn = []
    for number in range(2):
        name = f"late{number}"
        sage_colony.ask("fork", name=name)
        sage_colony.run(name, "libgap.eval('1')\nfrom sage_bridge.sandbox import reseed_late\nreseed_late()")
        drawn.append(sage_colony.run(name, "result = str(libgap.eval('Random(GlobalMersenneTwister, 1, 2^60)'))"))
        sage_colony.ask("kill", name=name)
    assert len(set(drawn)) == 2


def test_every_session_draws_its_own_numbers_from_all_of_sages_sources(sage_colony):
    drawn = []
    for number in range(8):
        name = f"random{number}"
        sage_colony.ask("fork", name=name)
        drawn.append(sage_colony.run(name, RANDOM))
        sage_colony.ask("kill", name=name)
    for source in zip(*drawn):
        assert len(set(source)) == 8, source
