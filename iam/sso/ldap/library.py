"""The LDAP library, which is an extra: an instance without it starts, and says what is lacking where it is needed."""

from __future__ import annotations

import importlib
import os
from functools import cache
from typing import Any

from iam.sso.refusals import ProviderUnreachable

LACKING = "LDAP needs the extra `ldap` on this machine: pip install 'orrery-control-plane[ldap]'"


@cache
def _imported() -> Any:
    # Read when the library is loaded: no file and no variable of the machine changes what is asked, or of whom.
    os.environ.setdefault("LDAPNOINIT", "1")
    importlib.import_module("ldap.filter")
    importlib.import_module("ldap.controls.libldap")
    return importlib.import_module("ldap")


def is_installed() -> bool:
    try:
        _imported()
    except ImportError:
        return False
    return True


def library() -> Any:
    """The package `ldap`. ProviderUnreachable where it is not installed."""
    if not is_installed():
        raise ProviderUnreachable(LACKING)
    return _imported()
