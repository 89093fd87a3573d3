# SPDX-License-Identifier: GPL-2.0-or-later
"""The environment in which the zygote is started.

It must be started in it: clearing ``os.environ`` later leaves the first one to be read in ``/proc/self/environ``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

#: Taken over from the server if set: where programs are and which language they speak. Nothing that could be secret.
INHERITED = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "SAGE_ROOT", "SAGE_LOCAL", "SAGE_VENV", "SAGE_SHARE", "SAGE_DOC",
    "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip

#: A library that starts threads at import leaves a fork with locks that nobody will ever release.
_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "GOTO_NUM_THREADS",
    "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "GC_MARKERS",
)  # fmt: skip


def zygote_environment(home: str, source: Mapping[str, str] | None = None, **more: str) -> dict[str, str]:
    """The complete environment for starting the zygote.

    Args:
        home: existing directory that Sage will remember as the user's; below the plan's ``scratch``.
        source: what to inherit the harmless names from; by default this process's environment.
        more: further variables, which win.
    """
    taken = os.environ if source is None else source
    clean = {name: taken[name] for name in INHERITED if taken.get(name)}
    clean.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    clean.setdefault("LANG", "C.UTF-8")
    clean.update(
        HOME=home,
        TMPDIR=home,
        DOT_SAGE=os.path.join(home, ".sage"),
        MPLBACKEND="agg",
        MPLCONFIGDIR=os.path.join(home, ".matplotlib"),
        IPYTHONDIR=os.path.join(home, ".ipython"),
        PYTHONNOUSERSITE="1",
        PYTHONHASHSEED="0",
        TERM="dumb",
        USER="sage",
        LOGNAME="sage",
        **dict.fromkeys(_ONE_THREAD, "1"),
    )
    clean.update(more)
    return clean
