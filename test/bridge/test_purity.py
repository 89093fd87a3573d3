"""Whether a run is told to be pure: textbook snippets must be, whatever looks around must not."""

from __future__ import annotations

import pytest
from bridge_client import Client, Session

#: Enough for what imports a large part of Sage first.
LIMITS = {"cpuMs": 60_000, "wallMs": 100_000}

PURE = [
    "2+2",
    "factor(2^127-1)",
    "factor(2^200+1)",
    "is_prime(2^89-1), next_prime(10^30)",
    "primes_first_n(10), divisors(360), euler_phi(100), gcd(12, 18)",
    "crt(2, 3, 5, 7), power_mod(2, 100, 7), inverse_mod(3, 7)",
    "discrete_log(Mod(5, 10007)^77, Mod(5, 10007))",
    "primitive_root(101), kronecker(3, 7), continued_fraction(pi)",
    "factorial(20), binomial(10, 3), fibonacci(30)",
    "integrate(sin(x)^2, x)",
    "integrate(exp(-x^2), x, -oo, oo)",
    "integral(1/(x^3+1), x)",
    "diff(sin(x^2), x, 3)",
    "limit(sin(x)/x, x=0)",
    "taylor(exp(x), x, 0, 5)",
    "var('k n'); sum(k^2, k, 1, n)",
    "solve(x^2-2==0, x)",
    "var('y'); solve([x+y==1, x-y==2], x, y)",
    "find_root(cos(x)-x, 0, 1)",
    "numerical_integral(sin(x), 0, 1)",
    "y = function('y')(x); desolve(diff(y, x)+y==0, y)",
    "bool((x+1)^2 == x^2+2*x+1)",
    "assume(x>0); sqrt(x^2)",
    "(x^2-1).factor(), ((x^2-1)/(x-1)).simplify_full()",
    "n(pi, 100), numerical_approx(e, digits=50)",
    "R.<t> = QQ[]; factor(t^10-1)",
    "R.<t> = GF(7)[]; factor(t^10-1)",
    "R.<x,y> = QQ[]; ideal(x^2+y^2-1, x-y).groebner_basis()",
    "R.<t> = ZZ[]; (t^2-2).roots(RR), (t^2-2).is_irreducible()",
    "GF(9, 'a').multiplicative_generator()",
    "K.<a> = NumberField(x^2+5); K.class_group()",
    "QuadraticField(5).units()",
    "sqrt(2).minpoly()",
    "matrix(2, [1, 2, 3, 4]) * vector([1, 2])",
    "matrix(QQ, 3, [1, 2, 3, 4, 5, 6, 7, 8, 10]).inverse()",
    "matrix(QQ, 3, range(9)).rref()",
    "matrix(ZZ, 20, [(i*j+i^3) % 11 for i in range(20) for j in range(20)]).det()",
    "matrix(QQ, 2, [1, 2, 3, 4]).eigenvalues()",
    "matrix(RDF, 2, [1, 2, 3, 4]).eigenvectors_right()",
    "matrix(ZZ, 5, 5, range(25)).smith_form()",
    "matrix(QQ, 3, [2, 0, 0, 0, 2, 1, 0, 0, 2]).jordan_form()",
    "VectorSpace(QQ, 3).subspace([[1, 2, 3]])",
    "EllipticCurve([0, 0, 1, -1, 0]).rank()",
    "EllipticCurve('389a').gens()",
    "SymmetricGroup(4).order()",
    "DihedralGroup(4).cayley_table()",
    "AlternatingGroup(5).is_simple()",
    "list(Permutations(3)), Partitions(5).list()",
    "Set([1, 2, 3]).subsets().list()",
    "words.FibonacciWord()[:10]",
    "plot(sin(x), (x, 0, 1))",
    "plot([sin(x), cos(x)], (x, 0, 1), color='red', legend_label='a')",
    "show(plot(x^2, (x, 0, 2), fill=True))",
    "parametric_plot((cos(x), sin(x)), (x, 0, 6.28))",
    "var('y'); implicit_plot(x^2+y^2-1, (x, -1, 1), (y, -1, 1))",
    "var('y'); contour_plot(x^2+y^2, (x, -1, 1), (y, -1, 1))",
    "circle((0, 0), 1) + line([(0, 0), (1, 1)]) + text('a', (0, 0))",
    "list_plot([1, 4, 9]) + points([(1, 2)])",
    "bar_chart([1, 2, 3])",
    "graphics_array([plot(sin(x), (x, 0, 1)), plot(cos(x), (x, 0, 1))])",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
    "graphs.PetersenGraph().plot()",
    "Graph({1: [2, 3], 2: [3]}).plot()",
    "graphs.PetersenGraph().chromatic_number()",
    "Poset(([1, 2, 3], [[1, 2], [2, 3]])).cover_relations()",
    "show(integrate(x^2, x))",
    "latex(matrix(2, [1, 2, 3, 4]))",
    "%md hello", "%html <b>x</b>", "%gap 2+2;", "%gp 1+1", "%maxima 1+1;",
    "((x^2-1)/(x-1)).simplify_full(), (sin(x)^2+cos(x)^2).trig_simplify(), expand((x+1)^3)",
    "assume(x > 1); integrate(1/x, x, 1, x); forget()",
    "var('y'); plot3d(x^2+y^2, (x, -1, 1), (y, -1, 1))",
    "animate([plot(sin(x+k), (x, 0, 1)) for k in range(2)]).show()",
    "pretty_print(html('<b>x</b>'))",
    "for i in range(3):\n    print(i)",
    "def f(n):\n    return n*f(n-1) if n else 1\nf(5)",
    "[n^2 for n in [1..10] if is_prime(n)]",
    "@cached_function\ndef g(n):\n    return n if n < 2 else g(n-1)+g(n-2)\ng(30)",
    "f(x) = x^2; f(3)",
    "set(['a', 'b', 'c', 'ddd']), hash('abc')",
    "1/0",
    "undefined_name",
    "for",
    "open('a', 'w').write('x'); print(open('a').read())",
    "import time; time.sleep(int(0))",
    "from datetime import datetime; datetime(2020, 1, 1)",
    "set_random_seed(4); random_matrix(ZZ, 2), random()",
    "import random; random.seed(int(3)); random.random()",
    "import random; random.Random(int(3)).random()",
    "import numpy; numpy.random.seed(int(3)); numpy.random.rand()",
    "import numpy; numpy.random.default_rng(int(3)).random()",
]  # fmt: skip

IMPURE = [
    ("ZZ.random_element()", "random numbers of sage"),
    ("random()", "random numbers of sage"),
    ("randint(1, 6)", "random numbers of sage"),
    ("random_matrix(ZZ, 2)", "random numbers of sage"),
    ("shuffle([1, 2, 3])", "random numbers of sage"),
    ("graphs.RandomGNP(6, 0.5).order()", None),
    ("Permutations(5).random_element()", "random numbers of sage"),
    ("plot(lambda t: random(), (x, 0, 1))", "random numbers of sage"),
    ("ZZ.random_element(); set_random_seed(4)", "random numbers of sage"),
    ("set_random_seed(); 1", "entropy"),
    ("import random; random.random()", "random numbers of python"),
    ("import random; random.random(); random.seed(int(1))", "random numbers"),
    ("import random; random.Random().random()", "random numbers of a generator without a seed"),
    ("import random; random.SystemRandom().random()", "entropy"),
    ("import numpy; numpy.random.rand()", "random numbers of numpy"),
    ("import numpy; numpy.random.default_rng().random()", "entropy"),
    ("pari('random(10)')", "random numbers of pari"),
    ("libgap.eval('Random(1, 1000)')", "random numbers of gap"),
    ("EllipticCurve(GF(101), [1, 2]).gens()", "random numbers of pari"),
    ("import secrets; secrets.token_hex(int(3))", "entropy"),
    ("import os; os.urandom(int(3))", "entropy"),
    ("import uuid; uuid.uuid4()", "entropy"),
    ("import uuid; uuid.uuid1()", "entropy"),
    ("import time; time.time()", "clock"),
    ("from time import perf_counter; perf_counter()", "clock"),
    ("import time; time.strftime('%Y')", "clock"),
    ("import datetime; datetime.datetime.now()", "clock"),
    ("from datetime import date; date.today()", "clock"),
    ("walltime()", "clock"),
    ("cputime()", "clock"),
    ("timeit('2+3', number=1, repeat=1)", None),
    ("alarm(10); cancel_alarm()", "threads or alarms"),
    ("import threading; t = threading.Thread(target=print); t.start(); t.join()", None),
    ("import os; os.getpid()", "process or machine"),
    ("import os; os.getcwd()", "process or machine"),
    ("import platform; platform.node()", "process or machine"),
    ("import os; os.environ['HOME']", "environment"),
    ("import os; os.getenv('PATH')", "environment"),
    ("import os; os.path.getmtime('.')", "time of a file"),
    ("import os; os.path.exists('/home')", "file"),
    ("import os; os.listdir('/')", "file"),
    ("open('/etc/passwd').read()[:3]", "file"),
    ("open('/proc/self/stat').read()[:3]", "file"),
    ("import os; os.chdir('/')", "working directory"),
    ("import socket; socket.gethostname()", "network"),
    ("import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')", None),
    ("import subprocess; subprocess.run(['true'])", "process"),
    ("import os; os.system('true')", "process"),
    ("import os\nif os.fork() == 0:\n    os._exit(int(0))\nos.wait()[int(1)]", "process"),
    ("import sys; sys.getrefcount(1)", "memory"),
    ("id(5)", "address"),
    ("reset(); id(5)", "address"),
    ("%time 2+2", "clock"),
    ("%sh echo hi", None),
    ("%maxima random(10);", "random numbers of maxima"),
    ("maxima_calculus('random(10)')", "random numbers of maxima"),
    ("%gp random(10)", "random numbers of pari"),
    ("%gap Random(1, 10);", "random numbers of gap"),
    ("object()", None),
    ("print(lambda: 1)", None),
    ("class A: pass\nraise ValueError(A())", None),
    ("tmp_filename()", None),
    ("def f(n): return f(n+1)\nf(0)", "accident"),
    ("raise MemoryError", "accident"),
    ("raise KeyboardInterrupt", "stopped"),
]  # fmt: skip


@pytest.fixture
def cell(client):
    """Runs one snippet in a session of its own; returns the run and, after it, why it was not pure."""
    opened = []

    def run(code):
        session = Session(client).open()
        opened.append(session)
        result = session.run(code, limits=LIMITS)
        session.reason = lambda: session.run(
            "from sage_bridge.purity.findings import findings as _f; print(_f.last)"
        ).stdout.strip()
        return result, session

    yield run
    for session in opened:
        session.close()


@pytest.mark.parametrize("code", PURE)
def test_a_textbook_snippet_is_pure(cell, code):
    result, session = cell(code)
    assert result.done.get("pure") is True, (result.kinds, result.error, session.reason())


@pytest.mark.parametrize(("code", "reason"), IMPURE)
def test_a_run_that_looks_around_is_not_pure(cell, code, reason):
    result, session = cell(code)
    assert result.done.get("pure") is not True, result.kinds
    if reason is not None:
        assert session.reason() == reason


def test_a_draw_after_a_seed_of_an_earlier_run_is_foreseeable(session):
    session.run("set_random_seed(7)")
    assert session.run("random(), ZZ.random_element()").done["pure"] is True
    session.run("set_random_seed()")
    assert session.run("random()").done["pure"] is False


def test_purity_is_told_of_each_run_by_itself(session):
    assert session.run("a = randint(1, 6)").done["pure"] is False
    assert session.run("a*0").done["pure"] is True
    session.run("import random as r; g = r.Random()")
    assert session.run("g.random()").done["pure"] is False


def test_gap_is_watched_in_every_run_once_it_was_started(session):
    assert session.run("libgap.eval('2+2')", limits=LIMITS).done["pure"] is True
    assert session.run("libgap.eval('Random(1, 10)')").done["pure"] is False
    assert session.run("libgap.eval('2+3')").done["pure"] is True


def test_words_to_another_program_are_not_pure_though_it_runs_already(session):
    session.run("maxima('1+1')", limits=LIMITS)
    assert session.run("maxima('2+2')").done["pure"] is False


def test_a_cut_or_stopped_run_is_not_pure(client, session):
    flood = client.run("print('x' * 20_000_000)")
    assert (flood.done["truncated"], flood.done["pure"]) == (True, False)
    execution = session.start("print('begun')\nwhile True: pass")
    session.wait_output(execution, "begun")
    session.send("interrupt", execution=execution)
    assert client.finish(execution).done.get("pure") is not True
    assert client.run("while True: pass", limits={"wallMs": 200}).done.get("pure") is not True


def test_an_address_across_two_pieces_of_output_is_found(session):
    code = "import os\nos.write(int(1), b'<A at 0x7f')\nsleep(float(0.1))\nos.write(int(1), b'12345678>')"
    assert session.run(code).done["pure"] is False
    assert session.run("print('0xff', hex(255), '0x1234')").done["pure"] is True


def test_a_value_of_an_expression_counts_as_output(client):
    message = {"o": "object()"}
    assert client.run("1", expressions=message).done.get("pure") is not True


def told(result):
    """All that a page gets to see of a run."""
    return [result.status, result.outputs]


def test_a_pure_run_tells_the_same_in_workers_of_two_bridges(start_bridge):
    clients = [Client(start_bridge("--pool", "2")).auth() for _ in range(2)]
    try:
        for code in PURE:
            first, second = (client.run(code, limits=LIMITS) for client in clients)
            assert told(first) == told(second), code
    finally:
        for client in clients:
            client.close()
