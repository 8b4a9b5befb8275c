"""One running instance for the stories of a module; a story that broke off is not told further."""

from pathlib import Path

import pytest

from tests.journeys.instance import ROOT, Founder, running, set_up

PICTURES = ROOT / "var" / "journeys"


def pytest_configure(config):
    config.addinivalue_line("markers", "story: the tests of the module follow one another")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and item.get_closest_marker("story"):
        item.parent.broke_off_at = item.name
        if "page" in item.funcargs:
            take_picture(item.funcargs["page"], PICTURES / f"{item.name}.png")
    return report


def pytest_runtest_setup(item):
    broke_off_at = getattr(item.parent, "broke_off_at", None)
    if item.get_closest_marker("story") and broke_off_at:
        pytest.skip(f"the story broke off at {broke_off_at}")


def take_picture(page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    with running(tmp_path_factory.mktemp("instance")) as started:
        yield started


@pytest.fixture(scope="module")
def founder():
    return Founder()


@pytest.fixture(scope="module")
def token(instance, founder):
    return set_up(instance, founder)
