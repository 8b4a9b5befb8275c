"""What rendering costs, beside Jinja2 doing its nearest equivalent, and what 150 hostile expressions may cost at most."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable

from jinja2 import Environment as JinjaEnvironment
from jinja2 import StrictUndefined

import flows.expressions as language
from flows.expressions import Environment, ExpressionError
from tests.bench.results import keep
from tests.flows.expressions.test_hostile import ESCAPES, LIMITS, scope

SCOPE = {
    "inputs": {"a": "report"},
    "outputs": {"b": {"c": "of today"}},
    "rows": [{"id": n, "name": "x"} for n in range(100)],
}
PAIRS = (
    ("{{ inputs.a ~ outputs.b.c | upper }}", "{{ (inputs.a ~ outputs.b.c) | upper }}"),
    ("{{ outputs.b.c }}", "{{ outputs.b.c }}"),
    ("{{ missing ?? 'x' }}", "{{ missing | default('x') }}"),
    (
        "{% for r in rows %}{{ r.id }},{{ r.name }};{% endfor %}",
        "{% for r in rows %}{{ r.id }},{{ r.name }};{% endfor %}",
    ),
)
SAMPLES = 3000
BAR_US = 30


def microseconds(work: Callable[[], object], samples: int = SAMPLES) -> tuple[float, float]:
    """Median and 99th percentile of its CPU time."""
    for _ in range(100):
        work()
    times = []
    for _ in range(samples):
        began = time.thread_time()
        work()
        times.append((time.thread_time() - began) * 1e6)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def beside_jinja(figures: dict[str, object]) -> Iterable[str]:
    env, jinja = Environment(), JinjaEnvironment(undefined=StrictUndefined)
    for ours, theirs in PAIRS:
        template = jinja.from_string(theirs)
        p50, p99 = microseconds(lambda ours=ours: language.compile(ours).render(SCOPE, env))  # type: ignore[misc]
        jinja50, _ = microseconds(lambda template=template: template.render(SCOPE))  # type: ignore[misc]
        figures[ours] = {"p50_us": p50, "p99_us": p99, "jinja2_p50_us": jinja50}
        bar = f"  ({BAR_US} us or less)" if ours == PAIRS[0][0] else ""
        yield f"{ours:<58} p50 {p50:7.1f} us  p99 {p99:7.1f} us   Jinja2 p50 {jinja50:7.1f} us{bar}"


def fresh() -> Iterable[str]:
    source = PAIRS[0][0]
    p50, _ = microseconds(lambda: language.Template(source), 500)
    yield f"compiling {source:<48} p50 {p50:7.1f} us"


def hostile(figures: dict[str, object]) -> Iterable[str]:
    env, slowest, before = Environment(), (0.0, ""), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for template in (*ESCAPES, *LIMITS):
        here, began = scope(), time.thread_time()
        try:
            language.compile(template).render(here, env)
        except ExpressionError:
            slowest = max(slowest, (time.thread_time() - began, template))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    figures["hostile"] = {"expressions": len(ESCAPES) + len(LIMITS), "slowest_s": slowest[0], "memory_mb": grown}
    yield f"{len(ESCAPES) + len(LIMITS)} hostile expressions: slowest {slowest[0]:.2f} s, memory +{grown:.0f} MB in all (1 s and 64 MB each)"
    yield f"   slowest: {slowest[1][:80]}"


def report() -> Iterable[str]:
    figures: dict[str, object] = {}
    yield from beside_jinja(figures)
    yield from fresh()
    yield from hostile(figures)
    keep("bench_expressions", figures)


if __name__ == "__main__":
    for line in report():
        sys.stdout.write(line + "\n")
