# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of what changes a session, or may: a function that uses one of them is taken to do so."""

from __future__ import annotations

#: Functions, by the names they have or are called by.
FUNCTIONS = frozenset((
    # Python's own, and its ways to call what has no name in the code.
    "attrgetter", "methodcaller",
    "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "execfile", "exit", "getattr", "globals", "help",
    "input", "locals", "open", "quit", "raw_input", "setattr", "vars",
    # Sage's: what the session knows of symbols, names, files, other programs.
    "alarm", "assume", "assuming", "assumptions", "attach", "attached_files", "automatic_names", "bashcmd",
    "cached_function", "cached_method", "cancel_alarm", "clear_vars", "cython", "cython_lambda", "db_save",
    "default_mip_solver", "default_sdp_solver", "detach", "forget", "fork", "fortran", "gap_reset_workspace",
    "install_scripts", "pretty_print_default", "proof", "show_default", "function", "implicit_multiplication",
    "inject_variable", "interact", "load", "load_attach_path", "load_session", "lisp", "parallel", "picklejar", "reset",
    "reset_load_attach_path", "restore", "runsnake", "save", "save_session", "sage_eval", "sage_input", "sh",
    "show_identifiers", "preparser", "symbolic_expression_from_string", "typeset_mode", "unpickle_all", "use_variable",
    "var", "view_all",
    # What puts files, of Sage's, NumPy's and Matplotlib's.
    "fromregex", "genfromtxt", "imsave", "savetxt", "savez", "savez_compressed", "seed", "seterr", "seterrcall",
    "set_printoptions", "setbufsize", "switch_backend", "rc", "rcdefaults", "rc_file", "xkcd", "ion", "ioff",
))  # fmt: skip

#: Attributes, whatever they are attributes of.
ATTRIBUTES = (FUNCTIONS - {"function"}) | frozenset((
    # Places where state is.
    "argv", "defaults", "environ", "modules", "namespace", "options", "path", "rcParams", "rcParamsDefault", "style",
    "use",
    # What changes things that others hold: names and ways to be shown, caches, coercions, LaTeX's settings.
    "add_macro", "add_package_to_preamble_if_available", "add_to_preamble", "append_to_cache", "blackboard_bold",
    "cache_clear", "clear_cache", "default_mode", "engine", "execute", "extra_macros", "extra_preamble",
    "inject_shorthands", "inject_variables", "latex_name", "matrix_column_alignment", "matrix_delimiters", "precompute",
    "register_action", "register_coercion", "register_conversion", "register_embedding", "register_unpickle_override",
    "rename", "require", "reset_name", "set_default", "symbol", "temp_var", "vector_delimiters",
    # Files.
    "dump", "export_to_file", "file", "save_image", "savefig", "save_mesh", "tofile", "write", "write_bytes",
    "write_text", "writelines",
    # Other interacts, and this one.
    "_bookmark", "_set_bookmarks", "_state", "_update", "changed", "controls",
))  # fmt: skip

#: What is called ``set_…`` and changes no more than a drawing of the run's own.
SETTERS = frozenset((
    "set_aspect", "set_aspect_ratio", "set_axes_range", "set_color", "set_data", "set_edgecolor", "set_facecolor",
    "set_figheight", "set_figwidth", "set_label", "set_legend_options", "set_linestyle", "set_linewidth", "set_pos",
    "set_size_inches", "set_title", "set_visible", "set_xlabel", "set_xlim", "set_xticklabels", "set_xticks",
    "set_ylabel", "set_ylim", "set_yticklabels", "set_yticks", "set_zlabel", "set_zlim", "set_immutable",
))  # fmt: skip

#: Methods of ``salvus`` that do nothing but show.
SHOWN_BY_SALVUS = frozenset((
    "clear", "code", "delete_last_output", "html", "javascript", "md", "obj", "show", "sound", "stderr", "stdout",
    "tex", "threed",
))  # fmt: skip

#: Modules that hold nothing which their functions change, but for what is named above.
MODULES = frozenset((
    "bisect", "cmath", "collections", "fractions", "functools", "itertools", "math", "matplotlib.pyplot", "numbers",
    "numpy", "numpy.fft", "numpy.linalg", "operator", "re", "scipy", "scipy.integrate", "scipy.linalg",
    "scipy.optimize", "scipy.special", "scipy.stats", "statistics", "string", "textwrap",
))  # fmt: skip


def is_function_reserved(name: str) -> bool:
    """Whether a function, or a global, of that name may change the session."""
    return name in FUNCTIONS or name.startswith(("set_", "unset_", "register_"))


def is_attribute_reserved(name: str) -> bool:
    """Whether an attribute of that name may be state, or change some."""
    if name in ATTRIBUTES or name in SETTERS:
        return name in ATTRIBUTES
    if name.startswith(("set_", "_set_", "register_", "unset_")):
        return True
    return name.startswith("__") and name.endswith("__") and name not in ("__name__", "__doc__")
