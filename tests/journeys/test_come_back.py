"""Ctrl-C in the terminal, and everything where it was at the next start."""

from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.flows import HELLO, SLEEPER
from tests.journeys.hands import expect_state, sign_in
from tests.journeys.instance import STOPPED_WITHIN, running, set_up, until

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def page():
    with open_page() as opened:
        yield opened


@pytest.fixture(scope="module")
def notes():
    """What one run of the instance leaves for the next."""
    return {}


def processes_of(instance) -> list[psutil.Process]:
    """The terminal's process and everything under it."""
    top = psutil.Process(instance.process.pid)
    return [top, *top.children(recursive=True)]


def named_after(data_dir: Path) -> list[psutil.Process]:
    """What runs on this data and no longer hangs under the terminal."""
    return [one for one in psutil.process_iter(["cmdline"]) if str(data_dir) in " ".join(one.info["cmdline"] or [])]


def test_ctrl_c_stops_everything_cleanly(data_dir, founder, page, notes):
    with running(data_dir) as instance:
        notes["port"] = int(instance.url.rsplit(":", 1)[1])
        token = notes["token"] = set_up(instance, founder)
        instance.call("POST", "/api/v1/acme/flows", HELLO, token=token)
        instance.call("POST", "/api/v1/acme/flows", SLEEPER, token=token)
        done = start(instance, "hello", token, wait="true")
        assert done["state"]["current"] == "SUCCESS"
        notes["done"] = done["id"]
        notes["running"] = start(instance, "sleeper", token)["id"]
        until(lambda: state(instance, notes["running"], token) == "RUNNING")
        page.goto(instance.ui)
        sign_in(page, founder.email, founder.password)
        expect(page.get_by_role("row").filter(has_text="hello")).to_be_visible()
        living = processes_of(instance)
        assert len(living) > 4
        assert instance.stop() == 0
    assert [one for one in living if one.is_running()] == []
    assert named_after(data_dir) == []


def test_the_next_start_finds_flows_executions_and_the_session(data_dir, page, notes):
    with running(data_dir, notes["port"]) as instance:
        page.goto(f"{instance.url}/ui/acme/executions/{notes['done']}/overview")
        expect_state(page, "Success")
        expect(page.get_by_text("YOU", exact=True)).to_be_visible()
        page.get_by_role("navigation", name="Sections").get_by_role("link", name="Flows").click()
        for flow in ("hello", "sleeper"):
            expect(page.get_by_role("row").filter(has_text=flow)).to_be_visible()
        token = notes["token"]
        assert state(instance, notes["running"], token) == "RUNNING"
        instance.call("DELETE", f"/api/v1/acme/executions/{notes['running']}/actions/kill", token=token)
        until(lambda: state(instance, notes["running"], token) == "KILLED", within=STOPPED_WITHIN)
        assert start(instance, "hello", token, wait="true")["state"]["current"] == "SUCCESS"


def start(instance, flow, token, **query):
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return instance.call("POST", f"/api/v1/acme/executions/company.team/{flow}?{asked}", token=token)


def state(instance, execution_id, token):
    return instance.call("GET", f"/api/v1/acme/executions/{execution_id}", token=token)["state"]["current"]
