"""Which frames are told to have left their session as it was: nothing that matters later may be among them."""

from __future__ import annotations

import pytest
from bridge_client import Client, Session
from interact_page import make

#: Each with what is run before it, if anything.
UNCHANGED = [
    "@interact\ndef f(n=(1..5)):\n    print(n^2)",
    "@interact\ndef f(n=(0, 10)):\n    show(plot(sin(n*x), (x, 0, 1)))",
    "@interact\ndef f(n=(1..5), color=Color('red')):\n    show(circle((0, 0), n, rgbcolor=color), axes=False)",
    "@interact\ndef f(n=[1, 2, 3], m=('M', [sin, cos])):\n    print(m(n))",
    "@interact\ndef f(n=(1..5), m=matrix(2, [1, 2, 3, 4])):\n    print(m.det())",
    "@interact\ndef f(n=(1..5), v=vector([1, 2])):\n    print(v*v)",
    "@interact\ndef f(n=(1..5), g=x^2):\n    print(g.diff(x))",
    "@interact\ndef f(n=(1..5), s='text'):\n    print(s.upper(), len(s), s[0])",
    "@interact\ndef f(n=(1..5)):\n    rows = []\n    for i in range(n): rows.append(i)\n    rows[0] = 7\n    print(sorted(rows))",
    "@interact\ndef f(n=(1..5)):\n    table = {}\n    table[n] = factor(n)\n    del table[n]\n    print(table)",
    "@interact\ndef f(n=(1..5)):\n    print([i^2 for i in range(n)], sum(1/i for i in (1..n)))",
    "@interact\ndef f(n=(1..5)):\n    def g(k): return 1 if k <= 1 else k*g(k-1)\n    print(g(n))",
    "@interact\ndef f(n=(1..5)):\n    count = 0\n    def more():\n        nonlocal count\n        count += 1\n    more(); print(count)",
    "@interact\ndef f(n=(1..5)):\n    h(t) = t^2\n    print(h(n))",
    "@interact\ndef f(n=(1..5)):\n    R.<t> = QQ[]\n    print((t^n - 1).factor())",
    "def g(k):\n    return k + 1\n@interact\ndef f(n=(1..5)):\n    print(g(n))",
    "def h(k):\n    return k^2\ndef g(k):\n    return h(k) + 1\n@interact\ndef f(n=(1..5)):\n    print(g(n))",
    "def g(k):\n    return 1 if k < 2 else k*g(k-1)\n@interact\ndef f(n=(1..5)):\n    print(g(n))",
    "a = 3; b = 'text'; c = (1, 2, x)\n@interact\ndef f(n=(1..5)):\n    print(a, b, c, n)",
    "g(t) = t^2\n@interact\ndef f(n=(1..5)):\n    print(g(n))",
    "var('y')\n@interact\ndef f(n=(1..5)):\n    print(solve(y^2 == n, y))",
    "var('y')\n@interact\ndef f(n=(1..5)):\n    var('y')\n    print(y + n)",
    "m = matrix(2, [1, 2, 3, 4]); m.set_immutable()\n@interact\ndef f(n=(1..5)):\n    print(n*m)",
    "import math\n@interact\ndef f(n=(1..5)):\n    print(math.floor(math.sqrt(n)))",
    "import numpy as np\n@interact\ndef f(n=(1..5)):\n    print(np.linspace(0, 1, 3).sum())",
    "@interact\ndef f(n=(1..5)):\n    from math import gcd\n    print(gcd(n, 4))",
    "import matplotlib.pyplot as plt\n@interact\ndef f(n=(1..5)):\n    plt.plot([1, 2, int(n)]); plt.title('a'); plt.show()",
    "@interact\ndef f(n=(1..5)):\n    G = graphs.CycleGraph(n + 2)\n    G.add_edge(0, 2)\n    print(G.order())",
    "@interact\ndef f(n=(1..5)):\n    p = plot(x, (x, 0, n)); p.set_aspect_ratio(1); p.axes_labels(['a', 'b']); show(p)",
    "@interact\ndef f(n=(1..5)):\n    html('<b>%s</b>' % n); print(latex(x^n)); show(x^n)",
    "@interact\ndef f(n=(1..5)):\n    salvus.html('<b>a</b>'); salvus.tex(x^n)",
    "@interact\ndef f(n=(1..5)):\n    try: 1/(n-n)\n    except ZeroDivisionError: print('no')",
    "@interact\ndef f(self, n=(1..5)):\n    print(self.n)",
    "@interact\ndef f(n=(1..5), go=button('Go')):\n    print(go)",
    "@interact\ndef f(n=(1..5), auto_update=False):\n    print(n)",
    "@interact\ndef f(n=(1..5)):\n    E = EllipticCurve([0, n]); print(E.discriminant(), GF(7)(n), integrate(x^n, x))",
]

CHANGED = [
    "count = 0\n@interact\ndef f(n=(1..5)):\n    global count\n    count += 1\n    print(count)",
    "@interact\ndef f(n=(1..5)):\n    global made\n    made = n",
    "gone = 1\n@interact\ndef f(n=(1..5)):\n    global gone\n    gone = 1\n    del gone",
    "rows = []\n@interact\ndef f(n=(1..5)):\n    rows.append(n)\n    print(rows)",
    "rows = [1, 2]\n@interact\ndef f(n=(1..5)):\n    print(rows)",
    "table = {}\n@interact\ndef f(n=(1..5)):\n    table[n] = 1",
    "add = [].append\n@interact\ndef f(n=(1..5)):\n    add(n)",
    "held = ([],)\n@interact\ndef f(n=(1..5)):\n    held[0].append(n)",
    "m = matrix(2)\n@interact\ndef f(n=(1..5)):\n    m[0, 0] = n",
    "g = (k for k in range(100))\n@interact\ndef f(n=(1..5)):\n    print(next(g))",
    "p = plot(x)\n@interact\ndef f(n=(1..5)):\n    p.axes_labels(['a', str(n)])",
    "class A: pass\na = A()\n@interact\ndef f(n=(1..5)):\n    a.n = n",
    "class A:\n    total = 0\n    def add(self, n): A.total += n\n@interact\ndef f(n=(1..5)):\n    A().add(n)",
    "@interact\ndef f(n=(1..5)):\n    f.count = n",
    "def g(k, seen=[]):\n    seen.append(k)\n    return seen\n@interact\ndef f(n=(1..5)):\n    print(g(n))",
    "def counter():\n    count = 0\n    def g():\n        nonlocal count\n        count += 1\n        return count\n    return g\n"
    "g = counter()\n@interact\ndef f(n=(1..5)):\n    print(g())",
    "def counter():\n    count = []\n    def g(n=(1..5)):\n        count.append(n)\n        print(count)\n    return g\ninteract(counter())",
    "count = 0\ndef deep():\n    global count\n    count += 1\ndef g(): deep()\n@interact\ndef f(n=(1..5)):\n    g()",
    "@interact\ndef f(n=(1..5)):\n    assume(x > n)",
    "@interact\ndef f(n=(1..5)):\n    forget()",
    "@interact\ndef f(n=(1..5)):\n    var('fresh%s' % n)",
    "@interact\ndef f(n=(1..5)):\n    y = function('y')(x)\n    print(y)",
    "@interact\ndef f(n=(1..5)):\n    set_random_seed(n)",
    "set_random_seed(3)\n@interact\ndef f(n=(1..5)):\n    print(randint(1, 10))",
    "@interact\ndef f(n=(1..5)):\n    exec('made = 1', globals())",
    "@interact\ndef f(n=(1..5)):\n    print(eval('n'))",
    "@interact\ndef f(n=(1..5)):\n    globals()['made'] = 1",
    "@interact\ndef f(n=(1..5)):\n    setattr(f, 'a', 1)",
    "@interact\ndef f(n=(1..5)):\n    with open('a.txt', 'w') as out: out.write('a')",
    "@interact\ndef f(n=(1..5)):\n    plot(x).save('a.png')",
    "@interact\ndef f(n=(1..5)):\n    R = QQ['t']; R.inject_variables()",
    "@interact\ndef f(n=(1..5)):\n    QQ['t'].rename('other')",
    "@interact\ndef f(n=(1..5)):\n    plot.options['thickness'] = n",
    "@interact\ndef f(n=(1..5)):\n    latex.matrix_delimiters('[', ']')",
    "@interact\ndef f(n=(1..5)):\n    proof.arithmetic(False)",
    "@interact\ndef f(n=(1..5)):\n    default_mip_solver('GLPK')",
    "@interact\ndef f(n=(1..5)):\n    SR.var('q', domain='positive')",
    "@interact\ndef f(n=(1..5)):\n    from sage.symbolic.assumptions import assume as suppose\n    suppose(x > n)",
    "import operator\n@interact\ndef f(n=(1..5)):\n    operator.methodcaller('rename', 'other')(QQ['t'])",
    "@interact\ndef g(m=(1..5)): pass\n@interact\ndef f(n=(1..5)):\n    print(g.m)",
    "@interact\ndef g(m=(1..5)): pass\n@interact\ndef f(n=(1..5)):\n    g._update()",
    "@interact\ndef f(n=(1..5)):\n    maxima('a: %s' % n)",
    "@interact\ndef f(n=(1..5)):\n    pari('a = 1')",
    "import numpy as np\n@interact\ndef f(n=(1..5)):\n    np.random.seed(1)",
    "import numpy as np\na = np.zeros(3)\n@interact\ndef f(n=(1..5)):\n    a[0] = n",
    "import matplotlib.pyplot as plt\n@interact\ndef f(n=(1..5)):\n    plt.rcParams['lines.linewidth'] = n",
    "import sys\n@interact\ndef f(n=(1..5)):\n    sys.setrecursionlimit(2000)",
    "@interact\ndef f(n=(1..5)):\n    salvus.default_mode('md')",
    "@interact\ndef f(n=(1..5)):\n    salvus.namespace['made'] = 1",
    "@interact\ndef f(self, n=(1..5)):\n    self.n = 1",
    "@interact\ndef f(n=(1..5), m=(1..5)):\n    interact.m = n",
    "@interact\ndef f(n=(1..5)):\n    @interact\n    def g(m=(1..5)): print(m)",
    "@interact\ndef f(n=(1..5), rows=selector([[1], [2]])):\n    print(rows)",
    "@interact\ndef f(n=(1..5)):\n    class A: pass\n    print(A.__name__)",
    "L = [1]\n@interact\ndef f(n=(1..5), g=input_box('L')):\n    print(g)",
    "L = [1]\n@interact\ndef f(n=(1..5), g=input_grid(1, 1, default=[0], to_value=lambda rows: L)):\n    print(g)",
    "@interact\ndef f(n=(1..5)):\n    print(randint(1, 10))",
    "@interact\ndef f(n=(1..5)):\n    1/(n-n)",
    "class F:\n    def __call__(self, n=(1..5)): print(n)\ninteract(F())",
]


@pytest.fixture(scope="module")
def client(shared_bridge):
    """One for all cases."""
    made = Client(shared_bridge).auth()
    yield made
    made.close()


def _frame(client, code):
    session = Session(client).open()
    try:
        _, view = make(session, code)
        for position in (1, 2):
            run = view.frame(session, n=position)
        return run
    finally:
        session.close()


@pytest.mark.parametrize("code", UNCHANGED)
def test_what_only_computes_and_shows_leaves_the_session_as_it_was(client, code):
    run = _frame(client, code)
    assert (run.status, run.error) == ("ok", None)
    assert run.done["pure"] is True
    assert run.done.get("unchanged") is True


@pytest.mark.parametrize("code", CHANGED)
def test_whatever_may_matter_later_is_not_told_to_leave_it_so(client, code):
    run = _frame(client, code)
    assert run.status in ("ok", "error")
    assert "unchanged" not in run.done


def test_a_name_that_is_redefined_is_looked_at_again(client):
    session = Session(client).open()
    _, view = make(session, "a = 3\n@interact\ndef f(n=(1..5)):\n    print(a)")
    assert view.frame(session, n=1).done.get("unchanged") is True
    session.run("a = [3]")
    assert "unchanged" not in view.frame(session, n=2).done
    session.run("a = 4")
    assert view.frame(session, n=3).done.get("unchanged") is True
    session.close()


def test_a_function_that_is_redefined_is_looked_at_again(client):
    session = Session(client).open()
    _, view = make(session, "def g(): return 1\n@interact\ndef f(n=(1..5)):\n    print(g())")
    assert view.frame(session, n=1).done.get("unchanged") is True
    session.run("count = 0\ndef g():\n    global count\n    count += 1\n    return count")
    assert "unchanged" not in view.frame(session, n=2).done
    session.close()


def test_what_is_typed_is_looked_at_each_time(client):
    session = Session(client).open()
    code = "L = [1]\ndef g():\n    L.append(1)\n    return 2\n@interact\ndef f(n=(1..5), e=x^2):\n    print(e)"
    _, view = make(session, code)
    for text, is_unchanged in (
        ("x+1", True),
        ("g()", False),
        ("[k^2 for k in (1..3)]", True),
        ("L", False),
        ("1/0", True),
    ):
        assert view.frame(session, e=text).done.get("unchanged", False) is is_unchanged, text
    assert "unchanged" not in view.frame(session, e="(made := 1)").done
    session.close()


def test_after_such_a_frame_the_interact_holds_what_it_held(client):
    session = Session(client).open()
    _, view = make(session, "@interact\ndef f(n=(1..5)):\n    print(n)")
    assert view.frame(session, n=3).done.get("unchanged") is True
    assert session.run("f.n").value == "1"
    _, view = make(session, "total = 0\n@interact\ndef g(n=(1..5)):\n    global total\n    total += n")
    view.frame(session, n=3)
    assert session.run("g.n").value == "4"
    session.close()


def test_after_a_frame_that_moved_a_generator_it_holds_what_was_sent(client):
    session = Session(client).open()
    _, view = make(session, "set_random_seed(1)\n@interact\ndef f(n=(1..5)):\n    print(n + randint(1, 9))")
    done = view.frame(session, n=3).done
    assert (done["pure"], "unchanged" in done) == (True, False)
    assert session.run("f.n").value == "4"
    session.close()
