"""The promises of ``endurance``, kept for a short while: nothing is lost, nothing is left, nothing grows."""

from __future__ import annotations

import asyncio

import endurance
import pytest
from bridge_client import Bridge


@pytest.fixture(scope="module")
def roomy(tmp_path_factory):
    """A bridge that has been through everything once, and which of its processes stay."""
    bridge = Bridge(tmp_path_factory.mktemp("roomy"), *endurance.ROOMY)
    named = endurance.permanent(bridge)
    asyncio.run(endurance.executions(bridge, 60))
    yield bridge, named
    bridge.stop()


def bear(roomy, part):
    """Runs a part and returns its figures; fails when it left anything behind."""
    bridge, named = roomy

    async def whole():
        before = await endurance.settled(bridge, named)
        figures = await part(bridge, named)
        after = await endurance.settled(bridge, named, before.processes)
        return {**figures, **endurance.compare(before, after)}

    return asyncio.run(whole())


def test_a_thousand_executions_end_in_a_thousand_dones(roomy):
    figures = bear(roomy, lambda bridge, _: endurance.executions(bridge, 1_000))
    assert figures["dones"] == 1_000
    assert figures["zombies"] == 0


def test_two_hundred_connections_at_once_are_all_answered(roomy):
    figures = bear(roomy, lambda bridge, _: endurance.connects(bridge, 200))
    assert figures["connects"] == 200


def test_a_hundred_clients_that_come_and_go_lose_no_reply_and_leave_nothing(roomy):
    figures = bear(roomy, lambda bridge, _: endurance.churn(bridge, 100, 5))
    assert figures["leastRounds"] >= 1


def test_descriptors_and_memory_stay_flat_over_sessions(roomy):
    figures = bear(roomy, lambda bridge, named: endurance.sessions(bridge, named, 300, 30))
    assert figures["sessions"] > 0
