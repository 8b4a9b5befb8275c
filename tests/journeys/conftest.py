"""One running instance for the stories of a module."""

import pytest

from tests.journeys.instance import Founder, running, set_up


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
