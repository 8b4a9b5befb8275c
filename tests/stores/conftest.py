"""Somebody who may do everything with the stores of Acme."""

from tests.flows.conftest import editor  # noqa: F401
