"""Interacts: how they are made, run, changed and let go."""

from __future__ import annotations

import pytest
from bridge_client import Session
from interact_page import View, changes, make, of_frame, own, views

GONE = "This interact belongs to a run that is gone: run its cell again."


def test_making_one_shows_its_controls_and_runs_it_once(session):
    run, view = make(session, "print('before')\n@interact\ndef f(n=(1..5)):\n    print(n^2)\nprint('after')")
    assert run.status == "ok"
    assert own(run) == ["stdout:before\n", "display:interact f: n = 1", "stdout:after\n"]
    assert of_frame(run, view.id) == ["stdout:1\n"]
    assert view.rows == [["n"], ["_output"]]
    assert view.told["updates"] == ["n"]
    assert (view.told["hasOutput"], view.told["isReadonly"]) == (True, False)


def test_a_frame_is_an_execution_that_calls_the_function(session):
    _, view = make(session, "@interact\ndef f(n=(1..5), on=True):\n    print(n^2, on)\n    return 17")
    run = view.frame(session, n=3, on=False)
    assert (run.status, run.kinds, run.done["pure"]) == ("ok", ["stdout:16 False\n"], True)
    assert of_frame(run, None) == ["stdout:16 False\n"]


def test_a_frame_shows_what_the_function_shows_and_leaves_figures_and_files(session):
    code = (
        "import matplotlib.pyplot as plt\n@interact\ndef f(n=(1..5)):\n    show(n*x)\n    plt.figure(); plt.plot([1, n])\n"
        "    with open('made.txt', 'w') as out: out.write(str(n))"
    )
    run, view = make(session, code)
    assert [output["kind"] for output in run.outputs] == ["display", "display", "display", "file"]
    assert [message.get("frame") for message in run.messages if message["type"] == "output"] == [None] + [view.id] * 3
    frame = view.frame(session, n=4)
    assert [output["kind"] for output in frame.outputs] == ["display", "display", "file"]
    assert "image/svg+xml" in frame.outputs[1]["data"]
    assert "unchanged" not in frame.done


def test_figures_and_text_that_stand_before_it_stay_out_of_its_output(session):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n@interact\ndef f(n=(1..5)):\n    print(n)"
    run, view = make(session, code)
    assert [output["kind"] for output in run.outputs] == ["display", "display", "stream"]
    assert of_frame(run, view.id) == ["stdout:1\n"]


def test_both_streams_keep_their_frame(session):
    code = (
        "import sys\nprint('a', end='')\n@interact\ndef f(n=[1]):\n    print('b', end=''); sys.stderr.write('c')\n"
        "print('d', end='')"
    )
    run, view = make(session, code)
    assert own(run) == ["stdout:a", "display:interact f: n = [1]", "stdout:d"]
    assert of_frame(run, view.id) == ["stdout:b", "stderr:c"]


@pytest.mark.parametrize(
    "code",
    [
        "@interact\ndef f(n=(1..3)): print(n)",
        "@interact()\ndef f(n=(1..3)): print(n)",
        "@interact(controls=[('n', (1..3))])\ndef f(**values): print(values['n'])",
        "@interact([('n', (1..3))])\ndef f(**values): print(values['n'])",
        "def f(n=(1..3)): print(n)\ninteract(f)",
        "interact(lambda n=(1..3): print(n))",
        "def f(n=(1..3)): print(n)\ninteract(interact(f))",
        "@salvus.interact\ndef f(n=(1..3)): print(n)",
        "class A:\n    def m(self, n=(1..3)): print(n)\ninteract(A().m)",
        "def f(*, n=(1..3)): print(n)\ninteract(f)",
        "def f(n=(1..3), /): print(n)\ninteract(f)",
        "interact(lambda n: print(n), n=(1..3))",
        "interact(lambda n=5: print(n), n=(1..3))",
        "@interact(n=(1..3), auto_update=True)\ndef f(n): print(n)",
        "def f(**values): print(values['n'])\ninteract(f, n=(1..3))",
        "def f(m, n): print(n)\ninteract(f, controls=[('m', [1, 2]), ('n', (1..3))])",
        "import functools\ninteract(functools.partial(lambda m, n: print(n), n=(1..3)), controls=[('m', [1, 2])])",
    ],
)
def test_it_can_be_used_in_many_ways(session, code):
    run = session.run(code)
    assert (run.status, run.error) == ("ok", None)
    view = views(run)[-1]
    assert [kind for kind in run.kinds if kind.startswith("stdout")][-1] == "stdout:1\n"
    assert view.frame(session, n=2).kinds == ["stdout:3\n"]


def test_the_interact_itself_is_not_shown_and_can_be_called(session):
    session.run("@interact\ndef f(n=(1..3)):\n    return n+1")
    assert session.run("f").displays == []
    assert session.run("f(41)").value == "42"
    assert session.run("repr(f)").value == "'<interact f: n = 1>'"


def test_an_error_shows_the_state_before_it_and_is_of_the_interact(session):
    run, view = make(session, "@interact\ndef f(n=(0..3), s='a'):\n    print(1/n)\nprint('goes on')")
    assert run.status == "error"
    assert of_frame(run, view.id) == ["stdout:Interact state: {'n': 0, 's': 'a'}\n", "error"]
    assert own(run)[-1] == "stdout:goes on\n"
    assert (run.error["name"], run.error["line"]) == ("ZeroDivisionError", 3)
    assert "sage_bridge" not in run.error["traceback"]
    assert 'File "<cell>", line 3, in f' in run.error["traceback"]
    assert view.frame(session, n=2).kinds == ["stdout:1/2\n"]
    again = view.frame(session, n=0)
    assert (again.status, again.error["line"]) == ("error", 3)
    assert again.kinds == ["stdout:Interact state: {'n': 0, 's': 'a'}\n", "error"]


def test_a_frame_of_what_is_not_there_says_what_to_do(session):
    frame = {"interact": "1-00000000", "values": {}, "changed": []}
    run = session.run("", frame=frame)
    assert (run.status, run.error["message"]) == ("error", GONE)
    stateless = session.client.run("", frame=frame)
    assert (stateless.status, stateless.error["message"]) == ("error", GONE)


def test_the_same_cells_give_the_same_names_and_others_never(client):
    first = "@interact\ndef f(n=(1..3)): print(n)"
    names = []
    for code in (
        first,
        first,
        first.replace("print(n)", "print(n+1)"),
        first.replace("n=", "m=").replace("(n)", "(m)"),
    ):
        session = Session(client).open()
        session.run("1+1")
        names.append(make(session, code)[1].id)
        names.append(make(session, code)[1].id)
        session.close()
    assert names[:2] == names[2:4]
    assert len(set(names)) == 6
    assert names[0].startswith("1-") and names[1].startswith("2-")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n": 9}, "control 'n' takes an index from 0 to 4, not 9"),
        ({"n": 1.5}, "control 'n' takes an index from 0 to 4, not 1.5"),
        ({"n": True}, "control 'n' takes an index from 0 to 4, not True"),
        ({"z": 11}, "control 'z' takes a number from 0.0 to 10.0, not 11"),
        ({"z": "3"}, "control 'z' takes a number from 0.0 to 10.0, not '3'"),
        ({"on": 1}, "control 'on' takes true or false, not 1"),
        ({"s": 3}, "control 's' takes a text, not 3"),
        ({"c": "red"}, "control 'c' takes a colour as #rrggbb, not 'red'"),
        ({"r": [1, 2, 3]}, "control 'r' takes two numbers, not [1, 2, 3]"),
        ({"m": [["1"]]}, "control 'm' takes 2 rows of 2 texts"),
        ({"b": 2}, "control 'b' takes null or an index from 0 to 1, not 2"),
        ({"k": [0, 0, 9]}, "control 'k' takes a number from 0.0 to 1.0, not 9"),
        ({"other": 1}, "there is no control 'other'; there are n, z, on, s, c, r, m, b, k"),
    ],
)
def test_a_value_that_a_control_cannot_have_is_refused_with_those_it_can(session, values, message):
    code = (
        "@interact\ndef f(n=(1..5), z=(0, 10), on=True, s='a', c=Color('red'), r=range_slider(1, 9, 1), m=matrix(2),\n"
        "      b=ButtonBar([1, 2]), k=MultiSlider(3)):\n    print(n)"
    )
    _, view = make(session, code)
    run = view.frame(session, **values)
    assert (run.status, run.error["message"]) == ("error", message)
    assert run.stdout == ""


def test_nothing_changes_when_one_value_is_refused(session):
    _, view = make(session, "@interact\ndef f(n=(1..5), m=(1..5)):\n    print(n, m)")
    assert view.frame(session, n=4, m=7).status == "error"
    assert View(view.told).frame(session, m=1).stdout == "1 2\n"


def test_an_interrupt_ends_a_frame_and_the_session_lives(session):
    _, view = make(session, "@interact\ndef f(n=(1..5)):\n    print('begun', flush=True)\n    while n > 1: pass")
    frame = {"interact": view.id, "values": {"n": 2}, "changed": ["n"]}
    execution = session.start("", frame=frame)
    session.wait_output(execution, "begun")
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    assert view.frame(session, n=0).stdout == "begun\n"


def test_an_interrupt_in_the_first_run_ends_the_cell(session):
    execution = session.start("@interact\ndef f(n=(1..5)):\n    print('begun', flush=True)\n    while True: pass")
    session.wait_output(execution, "begun")
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    run = session.run("print('on')")
    assert own(run) == ["stdout:on\n"]


def test_a_frame_has_limits(session):
    _, view = make(session, "@interact\ndef f(n=(1..5)):\n    while n > 1: pass")
    frame = {"interact": view.id, "values": {"n": 2}, "changed": ["n"]}
    run = session.run("", frame=frame, limits={"cpuMs": 300})
    assert (run.status, run.done["limit"]) == ("timeout", "cpu")


def test_a_frame_that_looks_around_is_not_pure(session):
    _, view = make(session, "@interact\ndef f(n=(1..5)):\n    print(randint(1, 10^9) if n > 1 else 0)")
    assert view.frame(session, n=0).done["pure"] is True
    assert view.frame(session, n=1).done["pure"] is False


def test_a_frame_leaves_the_last_value_alone(session):
    _, view = make(session, "@interact\ndef f(n=(1..5)):\n    return n")
    session.run("41")
    view.frame(session, n=3)
    assert session.run("_").value == "41"


def test_the_first_argument_without_a_default_is_the_interact(session):
    code = (
        "@interact\ndef f(self, n=(1..5), m=(1..5)):\n    print(self.n, self._changed)\n    if n == 3: self.m = 4\n"
        "    if n == 4: self.k = slider(1, 3, 1)\n    if n == 5: del self.m"
    )
    run, view = make(session, code)
    assert of_frame(run, view.id) == ["stdout:1 ['n', 'm']\n"]
    run = view.frame(session, n=2)
    assert run.stdout == "3 ['n']\n"
    ((control,),) = [change["controls"] for change in changes(run)]
    assert (control["name"], control["value"]) == ("m", 3)
    (change,) = changes(view.frame(session, n=3))
    assert [control["name"] for control in change["controls"]] == ["k"]
    assert change["updates"] == ["n", "m", "k"]
    run = view.frame(session, n=4)
    assert changes(run) == [{"interact": view.id, "removed": ["m"], "updates": ["n", "k"]}]
    assert run.displays[0]["data"]["text/plain"] == "interact f: n = 5, k = 1"


def test_a_list_is_changed_entry_by_entry(session):
    code = (
        "@interact\ndef f(self, k=MultiSlider(3)):\n    print(self.k)\n\nf.k[1] = 0.5\nprint(f.k)\n"
        "try: f.k[0:1] = [1]\nexcept TypeError as error: print(error)"
    )
    run, view = make(session, code)
    assert [change["controls"][0]["value"] for change in changes(run)] == [[0.0, 0.5, 0.0]]
    assert own(run)[-1] == "stdout:[0.0, 0.5, 0.0]\nentries of a control are set one by one, not by slices\n"


def test_code_reads_changes_and_runs_an_interact(session):
    _, view = make(session, "@interact\ndef f(n=(1..5)):\n    print('n', n)")
    run = session.run(
        "print(f.n); f.n = 4; print(f.n, f._state()); f._update()\nf._bookmark('a'); f._set_bookmarks('{}')"
    )
    assert own(run) == ["stdout:1\n", "display:interact f: n = 4", "stdout:4 {'n': 4}\n"]
    assert of_frame(run, view.id) == ["clear", "stdout:n 4\n"]
    assert session.run("f._state({'n': 2}); f.n").value == "2"
    assert "no control 'q'; it has n" in session.run("f.q").error["message"]
    assert "is none of the values" in session.run("f.n = 'x'").error["message"]


def test_within_the_function_interact_stands_for_the_one_that_runs(session):
    code = "@interact\ndef f(n=(1..5), m=(1..5)):\n    print(interact.n, interact.changed())\n    interact.m = n"
    run, view = make(session, code)
    assert of_frame(run, view.id)[0] == "stdout:1 ['n', 'm']\n"
    run = view.frame(session, n=2)
    assert run.stdout == "3 ['n']\n"
    assert changes(run)[0]["controls"][0]["value"] == 2
    assert "no interact runs now" in session.run("interact.n").error["message"]


def test_an_update_button_alone_asks_for_runs(session):
    _, view = make(session, "@interact\ndef f(n=(1..5), auto_update=False):\n    print(n)")
    assert view.told["updates"] == ["auto_update"]
    assert view.controls["auto_update"]["labels"] == ["Update"]
    assert view.controls["auto_update"]["label"] == ""
    assert view.frame(session, n=3, auto_update=0).stdout == "4\n"
    _, view = make(session, "@interact(update=['m'])\ndef f(n=(1..5), m=(1..5)):\n    print(n)")
    assert view.told["updates"] == ["m"]
    assert (
        "there is no control 'q'; there are n"
        in session.run("@interact(update=['q'])\ndef f(n=(1..5)): pass").error["message"]
    )
    _, view = make(session, "@interact(auto_update=False, update_args=None)\ndef f(n=(1..5)):\n    print(n)")
    assert view.told["updates"] == ["auto_update"]


@pytest.mark.parametrize(
    ("layout", "rows"),
    [
        ("None", [["a"], ["b"], ["c"], ["_output"]]),
        ("[['a', 'b'], ['c']]", [["a", "b"], ["c"], ["_output"]]),
        ("[['_output', 'a'], ['c']]", [["_output", "a"], ["c"], ["b"]]),
        ("[['a', ''], 'b']", [["a", "_output"], ["b"], ["c"]]),
        ("dict(top=[['a']], left=[['b']], bottom=[['c']])", [["a"], ["b"], ["_output"], ["c"]]),
        ("dict(bottom=[['a', 'b']])", [["c"], ["_output"], ["a", "b"]]),
    ],
)
def test_controls_stand_where_the_layout_says(session, layout, rows):
    _, view = make(session, f"@interact(layout={layout})\ndef f(a=1, b=2, c=3): pass")
    assert view.rows == rows


def test_a_layout_gives_shares_of_a_row(session):
    _, view = make(session, "@interact(layout=[[('a', 2), ('b', 1, 'Label')]])\ndef f(a=1, b=2): pass")
    assert view.told["layout"][0] == [{"name": "a", "weight": 2}, {"name": "b", "weight": 1}]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("@interact(layout=[['a', 'a']])\ndef f(a=1): pass", "layout: 'a' stands twice"),
        ("@interact(layout=[['q']])\ndef f(a=1): pass", "layout: there is no control 'q'; there are a"),
        ("@interact(layout=3)\ndef f(a=1): pass", "layout must be a list of rows or a dict of them, not 3"),
        ("@interact\ndef f(_a=1): pass", "invalid control name: _a"),
        ("@interact(controls=['_a'])\ndef f(**k): pass", "invalid control name: _a"),
        ("@interact(controls=['a', 'a'])\ndef f(**k): pass", "duplicate argument in interact definition: a"),
        ("@interact(controls=['a'])\ndef f(a=1): pass", "duplicate argument in interact definition: a"),
        (
            "@interact(controls=[1])\ndef f(a=1): pass",
            "controls takes names and pairs of a name and its control, not 1",
        ),
        ("@interact(controls=['b'])\ndef f(a=1): pass", "the function takes no argument 'b'"),
        ("interact(3)(4)", "interact takes a function, not 4"),
        ("@interact(colour=1)\ndef f(a=1): pass", "'colour' is neither an argument of the function nor an option"),
        ("@interact\ndef f(a=[]): pass", "there must be at least one value to choose"),
        ("@interact\ndef f(a=(1,)): pass", "a slider needs at least two values"),
        ("@interact\ndef f(a=(0, 1, 1e-9)): pass", "its step"),
        ("@interact\ndef f(a=(1, 1)): pass", "has no room to move"),
        ("@interact(controls=[('a%d' % i, 1) for i in range(101)])\ndef f(**k): pass", "at most 100 controls, not 101"),
    ],
)
def test_what_makes_no_interact_is_told(session, code, message):
    run = session.run(code)
    assert run.status == "error"
    assert message in run.error["message"]
    assert views(run) == []


def test_locations_are_answered_by_a_notice(session):
    run, _ = make(session, "@interact(locations=True)\ndef f(n=(1..5)): print(n)")
    assert run.stderr == "interact: locations= has no effect here: what code puts out cannot reach into the page.\n"


def test_without_output_what_it_prints_is_the_cells(session):
    run, view = make(session, "@interact(output=False)\ndef f(n=(1..5)): print(n)")
    assert view.told["hasOutput"] is False
    assert view.rows == [["n"]]
    assert own(run)[-1] == "stdout:1\n"


def test_labels_can_be_left_out(session):
    code = "@interact(automatic_labels=False)\ndef f(n=(1..5), m=('M', 3)): pass"
    _, view = make(session, code)
    assert [control["label"] for control in view.controls.values()] == ["", "M"]


def test_what_a_run_makes_is_part_of_its_output_and_goes_with_it(session):
    code = "@interact\ndef outer(n=(1..3)):\n    @interact\n    def inner(m=(1..n+1)):\n        print('inner', n, m)"
    run, outer = make(session, code)
    inner = views(run)[1]
    assert own(run) == ["display:interact outer: n = 1"]
    assert of_frame(run, outer.id) == ["display:interact inner: m = 1"]
    assert of_frame(run, inner.id) == ["stdout:inner 1 1\n"]
    assert inner.frame(session, m=1).stdout == "inner 1 2\n"
    again = outer.frame(session, n=2)
    (newer,) = views(again)
    assert own(again) == ["display:interact inner: m = 1"]
    assert of_frame(again, newer.id) == ["stdout:inner 3 1\n"]
    assert newer.controls["m"]["labels"] == ["1", "2", "3", "4"]
    assert inner.frame(session, m=0).error["message"] == GONE
    assert newer.frame(session, m=3).stdout == "inner 3 4\n"


def test_only_so_many_live(session):
    code = "made = [interact(lambda n=(1..3): None) for _ in range(201)]"
    made = views(session.run(code))
    assert made[0].frame(session, n=1).error["message"] == GONE
    assert made[1].frame(session, n=1).status == "ok"


def test_endless_nesting_ends(session):
    run = session.run("@interact\ndef f(n=(1..3)): interact(g)\ndef g(n=(1..3)): interact(g)\ninteract(g)")
    assert run.status == "error"
    assert any("nested more than 40 deep" in output.get("message", "") for output in run.outputs)
    assert session.run("2+2").value == "4"


def test_reset_leaves_interact_and_the_controls(session):
    session.run("a = 1; interact = slider = 2; reset()")
    assert session.run("@interact\ndef f(n=slider(1, 3, 1)): print(n)").status == "ok"
    assert session.run("a").error["name"] == "NameError"


def test_a_worker_at_rest_knows_interacts_without_having_made_one(client):
    session = Session(client).open()
    assert session.run("len(interact.controls.__dict__)").value == "9"
    assert make(session, "@interact\ndef f(n=(1..3)): print(n)")[1].id.startswith("1-")
    session.close()


def test_documentation_is_found(session):
    assert "Lets the page choose the arguments of a function" in session.run("interact?").value
    assert "Sage's notebook" in session.run("slider?").value
    assert "interact?" in session.run("salvus?").value
