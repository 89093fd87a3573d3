# SPDX-License-Identifier: GPL-2.0-or-later
"""States of generators of random numbers are found in memory: every draw is seen there, and nothing else is."""

from __future__ import annotations

import pytest
import sage.all  # noqa: F401  Sage's parts can be imported one by one only after this.
from sage.interfaces.maxima_lib import maxima_lib
from sage.libs.pari.all import pari
from sage_bridge.purity.generators import Generators
from sage_bridge.purity.maxima_generator import MaximaGenerator
from sage_bridge.purity.pari_generator import PariGenerator


@pytest.fixture
def of_pari():
    state = pari.getrand()
    yield PariGenerator()
    pari.setrand(state)


def test_pari_s_generator_is_found_in_memory(of_pari):
    assert of_pari.words is not None


def test_every_draw_from_pari_is_seen_and_what_draws_nothing_is_not(of_pari):
    before = of_pari()
    assert pari("2^100 + 1") == 2**100 + 1
    assert pari("bernfrac(20)") is not None
    assert of_pari() == before
    seen = {before}
    for _ in range(300):
        pari.random()
        seen.add(of_pari())
    assert len(seen) == 301


def test_seeds_of_pari_are_told_apart_and_known_again(of_pari):
    states = []
    for seed in (1, 2, 1):
        pari.setrand(seed)
        states.append(of_pari())
    assert states[0] == states[2] != states[1]


def test_looking_for_pari_s_generator_leaves_it_as_it_was():
    pari.setrand(7)
    expected = [int(pari.random(1_000_000)) for _ in range(3)]
    pari.setrand(7)
    PariGenerator()
    assert [int(pari.random(1_000_000)) for _ in range(3)] == expected


def test_maxima_s_generator_is_found_in_memory_and_every_draw_is_seen(monkeypatch):
    of_maxima = MaximaGenerator()
    # Asked, it could not be read, and would equal nothing.
    monkeypatch.setattr(of_maxima, "_ask", None)
    before = of_maxima()
    maxima_lib.eval("factor(x^4 - 1);")
    assert of_maxima() == before
    of_maxima.draw()
    assert of_maxima() != before


def test_another_generator_in_maxima_s_place_is_asked():
    of_maxima = MaximaGenerator()
    maxima_lib.eval("set_random_state(make_random_state(true));")
    present = of_maxima()
    assert of_maxima() == present
    of_maxima.draw()
    assert of_maxima() != present


def test_the_c_library_writes_to_no_memory_that_its_last_user_gave_back():
    before = Generators()
    before.own_c_library()
    # Kept here, to be looked at when it is nobody's any more.
    state = before._c_library.state
    before._c_library.draw()
    del before
    held = state.raw
    now = Generators()
    now.own_c_library()
    assert now._c_library.state is state or state.raw == held
