"""An address that the contract names and we do not serve says so."""

from __future__ import annotations

from importlib.resources import files

import pytest
from django.test import Client

from control_plane.kernel.api.contract import is_promised

TEXT = (files("control_plane") / "contract" / "not_served_yet.txt").read_text()
LISTED = [line for line in TEXT.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("line", LISTED)
def test_every_operation_of_the_list_is_answered_with_501(line: str) -> None:
    method, path = line.split(" ")
    answer = Client().generic(method, path.replace("{}", "anything"), headers={"x-request-id": "mine"})
    assert (answer.status_code, answer.json()["requestId"], answer.headers["X-Request-Id"]) == (501, "mine", "mine")
    assert "does not serve it yet" in answer.json()["message"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/acme/nowhere"), ("POST", "/nowhere"), ("GET", "/")])
def test_an_address_that_nobody_knows_is_not_promised(method: str, path: str) -> None:
    assert not is_promised(method, path)


def test_an_unknown_address_has_a_request_id_of_its_own() -> None:
    answer = Client().get("/api/v1/acme/nowhere/at/all")
    assert answer.status_code == 404
    assert answer.json()["requestId"] == answer.headers["X-Request-Id"] != ""
