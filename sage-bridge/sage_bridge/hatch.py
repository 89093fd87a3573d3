# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a zygote's process begins: what has to be done before anything else is imported, then ``zygote.main``."""

from __future__ import annotations

from . import forking


def main() -> None:
    """Never returns."""
    forking.keep_quiet()
    from . import zygote

    zygote.main()


if __name__ == "__main__":
    main()
