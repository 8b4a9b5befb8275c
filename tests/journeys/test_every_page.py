"""Every page in both themes, wide and narrow: nothing overflows, complains, or shuts anybody out."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.conftest import PICTURES, take_picture
from tests.journeys.flows import CALLS_HELLO, HELLO, orders_report
from tests.journeys.hands import sign_in
from tests.journeys.instance import ROOT

pytestmark = [pytest.mark.journey, pytest.mark.filterwarnings("default")]

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FLOW, EXECUTION = "flows/company.sales/orders_report", "executions/{execution}"
# The rule that is left out is an experiment of axe: it counts what is hidden from readers as part of a name.
_RUN_AXE = """() => axe.run({
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
  rules: {'label-content-name-mismatch': {enabled: false}},
})"""
PAGES = (
    "overview",
    "flows",
    "flows/new",
    "flows/new?example=orders",
    *(
        f"{FLOW}/{part}"
        for part in ("overview", "edit", "revisions", "topology", "executions", "metrics", "dependencies")
    ),
    "executions",
    *(f"{EXECUTION}/{part}" for part in ("overview", "gantt", "logs", "topology", "outputs", "metrics")),
    "triggers",
    "concurrency",
    "logs",
    "credentials",
    "namespaces",
    "namespaces/company.sales",
    *(
        f"namespaces/company.team/{part}"
        for part in ("dependencies", "files", "inputs", "secrets", "credentials", "kv", "settings")
    ),
    "flows/company.team/calls_hello/dependencies",
    *(
        f"access/{part}"
        for part in ("members", "groups", "accounts", "roles", "bindings", "invitations", "code", "integrations", "why")
    ),
    "access/roles/viewer_acme",
    "access/roles/new",
    "audit",
    "profile",
    "instance",
    "instance/tenants",
    "instance/users",
    "instance/workers",
    "instance/policies",
    "governance/policies",
    "governance/quotas",
    "governance/retention",
    "instance/kill-switches",
    "instance/announcements",
    "instance/accounts",
    "instance/refusals",
)


@pytest.fixture(scope="module")
def execution(instance, token):
    """One that has run, so that every page has something to show."""
    for source in (HELLO, CALLS_HELLO, orders_report(instance.url)):
        instance.call("POST", "/api/v1/acme/flows", source, token=token)
    team = "/api/v1/acme/namespaces/company.team"
    instance.call("PUT", f"{team}/secrets", {"key": "PASSWORD", "value": "long and secret", "tags": []}, token=token)
    instance.call("PUT", f"{team}/kv/cursor", "42", token=token, **{"Content-Type": "text/plain"})
    address = "/api/v1/acme/executions/company.sales/orders_report?wait=true"
    return instance.call("POST", address, token=token)["id"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_fits_and_nothing_complains(instance, founder, execution, scheme, width):
    faults: list[str] = []
    with open_page(width, 900, scheme) as page:
        page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        page.goto(f"{instance.url}/ui/sign-in")
        sign_in(page, founder.email, founder.password)
        expect(page.get_by_role("heading", name="Flows", level=1)).to_be_visible()
        # A visitor who is not signed in yet is told so with 401, which the browser writes to its console.
        faults.clear()
        for address in PAGES:
            faults += look_at(page, f"{instance.url}/ui/acme/{address.format(execution=execution)}")
            name = re.sub(r"[^a-z_.]+", "-", address.format(execution="execution"))
            take_picture(page, PICTURES / f"{name}-{scheme}-{width}.png")
    assert not faults, "\n".join(faults)


def look_at(page, url: str) -> list[str]:
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    # Colours and names are the same on a narrow screen, and axe takes its time.
    faults = [f"{url}: {found}" for found in shut_out(page)] if page.viewport_size["width"] > 1000 else []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append(f"{url}: wider than the screen")
    return faults


def shut_out(page) -> list[str]:
    """What keeps somebody from using the page, by the rules of WCAG 2.1 A and AA."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(_RUN_AXE)
    return [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:220]}"
        for violation in found["violations"]
        for node in violation["nodes"][:2]
    ]
