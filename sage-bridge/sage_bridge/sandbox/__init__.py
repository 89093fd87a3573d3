# SPDX-License-Identifier: GPL-2.0-or-later
"""What keeps a reader's code from everything but its own session.

The supervisor, at start and without threads::

    hierarchies = open_hierarchies()
    plan = make_plan(mode, egress=…, scratch=base, hierarchies=hierarchies)   # SandboxMissing: refuse to start
    uids, claimed = claim()                                                   # if plan.has(levels.IDENTITY)
    become_subreaper()
    receive, lifeline = os.pipe()                                             # lifeline: the supervisor alone
    … start the zygote with env=zygote_environment(home), pass_fds=(receive, …), plan.dumps() …

The zygote, before it imports Sage::

    prepare_zygote(plan, receive, deaths, leavings)   # returns in another process than it was called in
    … import, warm, listen …
    warm(plan)                                  # when all is imported
    pid = fork(plan)                            # in place of os.fork()
    if pid == 0: enter(plan, WorkerFacts(directory, keep=(control,), uid=uid))   # raises: os._exit at once
    else: … send os.pidfd_open(pid) to the supervisor …

The supervisor, for each worker::

    pid = outer_pid(pidfd)
    group = hierarchies.make(name, Limits(…)); group.attach(pid)              # while warming, not on demand
    Session(pid, uid, group, plan.has(levels.PID_NS), keeper=zygote_process.pid).kill(known, pidfd)
    group.remove(); uids.release(uid)
"""

from .cgroups import Group, Hierarchies, Limits, close_hierarchies, open_hierarchies
from .diskwatch import Usage, usage
from .entry import WorkerFacts, enter, fork, reset_signals, session_directory, warm
from .environment import zygote_environment
from .home import rehome
from .identity import UidPool, claim, kill_leftovers
from .keeper import prepare_zygote
from .kernel import LINUX
from .kinship import children, descendants
from .levels import ENFORCED, MISSING, NOT_NEEDED, Layer
from .namespaces import Sizes
from .plan import Plan, SandboxMissing
from .reaper import Killed, Session, become_subreaper, outer_pid, sweep
from .rehearsal import ROUNDS
from .seeds import reseed, reseed_late
from .trials import make_plan

__all__ = [
    "ENFORCED",
    "LINUX",
    "MISSING",
    "NOT_NEEDED",
    "ROUNDS",
    "Group",
    "Hierarchies",
    "Killed",
    "Layer",
    "Limits",
    "Plan",
    "SandboxMissing",
    "Session",
    "Sizes",
    "UidPool",
    "Usage",
    "WorkerFacts",
    "become_subreaper",
    "children",
    "claim",
    "close_hierarchies",
    "descendants",
    "enter",
    "fork",
    "kill_leftovers",
    "make_plan",
    "open_hierarchies",
    "outer_pid",
    "prepare_zygote",
    "rehome",
    "reseed",
    "reseed_late",
    "reset_signals",
    "session_directory",
    "sweep",
    "usage",
    "warm",
    "zygote_environment",
]
