"""How soon a line that a script prints is on the screen of a real browser, and where the time goes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

from tests.bench.instance import PASSWORD, TENANT, Instance, running_instance
from tests.bench.results import show
from tests.journeys.browser import open_page
from tests.journeys.hands import sign_in

LINES = 200
PATIENCE_SECONDS = 60.0
FLOW = f"""
id: printing
namespace: bench
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
  - id: print
    type: io.kestra.plugin.scripts.python.Script
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    script: |
      import random, time
      for number in range({LINES}):
          time.sleep(random.uniform(0.005, 0.1))
          print("mark", number, int(time.time() * 1000), flush=True)
"""
# Notes when the socket brought a line, and when its row was in the page; both by the clock that the script reads too.
WATCH = """
window.brought = {}; window.shown = {};
const find = (text, into) => {
  const now = Date.now();
  for (const [, number] of text.matchAll(/mark (\\d+) \\d{13}/g)) into[number] ??= now;
};
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => find(data, window.brought));
  }
};
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "characterData") find(target.data, window.shown);
    for (const node of addedNodes) find(node.textContent ?? "", window.shown);
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


def measure(instance: Instance) -> dict[str, object]:
    instance.save(FLOW)
    execution_id = str(instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/printing")["id"])
    path = f"/api/v1/{TENANT}/executions/{execution_id}"
    with open_page() as page:
        page.add_init_script(WATCH)
        page.goto(f"http://127.0.0.1:{instance.port}/ui/")
        sign_in(page, "bench@orrery.test", PASSWORD)
        page.wait_for_url(f"**/ui/{TENANT}/**")
        page.goto(f"http://127.0.0.1:{instance.port}/ui/{TENANT}/executions/{execution_id}/logs")
        page.get_by_role("navigation", name="Parts of the execution").wait_for()
        instance.ask("POST", f"{path}/actions/resume")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(_times(page, "shown")) < LINES and time.monotonic() < deadline:
            page.wait_for_timeout(500)
        brought, shown = _times(page, "brought"), _times(page, "shown")
    printed, written = _printed(instance, execution_id)
    total = [shown[number] - at for number, at in printed.items()]
    return {
        "figure": "a printed line on the screen of a browser",
        "n": len(total),
        "p50_ms": statistics.median(total),
        "p95_ms": _p95(total),
        "max_ms": max(total),
        "bar": "p95 100 ms",
        "of_which_p50_and_p95_ms": {
            "printed to taken by the worker": _both([written[each] - printed[each] for each in printed]),
            "taken by the worker to brought by the socket": _both([brought[each] - written[each] for each in printed]),
            "brought to shown": _both([shown[each] - brought[each] for each in printed]),
        },
    }


def _times(page: Page, name: str) -> dict[int, float]:
    return {int(number): float(at) for number, at in page.evaluate(f"window.{name}").items()}


def _printed(instance: Instance, execution_id: str) -> tuple[dict[int, float], dict[int, float]]:
    """When the script printed each line, and the time that the worker gave it."""
    printed, written = {}, {}
    with instance.database() as database:
        statement = "SELECT message, extract(epoch FROM at) * 1000 FROM log_entry WHERE execution_id = %s"
        rows: list[Any] = database.execute(statement, [execution_id]).fetchall()
    for message, at in rows:
        if message.startswith("mark "):
            _, number, milliseconds = message.split()
            printed[int(number)], written[int(number)] = float(milliseconds), float(at)
    return printed, written


def _both(values: Sequence[float]) -> list[float]:
    return [round(statistics.median(values), 1), round(_p95(values), 1)]


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[94]


if __name__ == "__main__":
    with running_instance() as instance:
        show("bench_browser", measure(instance))
