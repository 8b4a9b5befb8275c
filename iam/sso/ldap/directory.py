"""A directory, asked: whose password it is, and what it tells. Bounded, and without following it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from control_plane.kernel.words.egress import EgressPolicy
from iam.directories.ldap import LdapSettings
from iam.sso.ldap.entries import Entry
from iam.sso.ldap.library import library
from iam.sso.ldap.wire import Limits, open_wire
from iam.sso.refusals import ProviderUnreachable

PAGE = 500
_ANYTHING = "(objectClass=*)"
# What Active Directory says beside "wrong password", for whoever asks why.
_REASONS = {
    "525": "there is no such user",
    "52e": "the password is wrong",
    "530": "not at this time of day",
    "531": "not from this machine",
    "532": "the password has expired",
    "533": "the account is disabled",
    "701": "the account has expired",
    "773": "the password must be changed",
    "775": "the account is locked",
}
_REASON = re.compile(r"\bdata ([0-9a-f]{1,4})\b")


class Directory:
    """One connection. Whatever goes wrong is ProviderUnreachable with what an administrator can do about it."""

    def __init__(self, settings: LdapSettings, policy: EgressPolicy, limits: Limits) -> None:
        ldap = library()
        self._ldap = ldap
        self._limits = limits
        self.has_led_elsewhere = False
        """Whether it named another directory, which is not asked."""
        self._wire = open_wire(settings, policy, limits)
        self._to = ldap.ldapobject.SimpleLDAPObject("ldap://directory", fileno=self._wire.end.detach())
        for option, value in (
            (ldap.OPT_REFERRALS, ldap.OPT_OFF),
            (ldap.OPT_DEREF, ldap.DEREF_NEVER),
            (ldap.OPT_RESTART, ldap.OPT_ON),
        ):
            self._to.set_option(option, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._to.unbind_ext_s()
        except self._ldap.LDAPError:
            pass  # it has ended already
        finally:
            self._wire.close()

    def bind(self, name: str, password: str) -> None:
        """Be whoever may search: nobody where there is no name."""
        problem = self.refusal(name, password) if name or password else self._bound("", "")
        if problem:
            raise ProviderUnreachable(f"the directory does not let `{name[:200]}` in: {problem}")

    def refusal(self, name: str, password: str) -> str:
        """Why this is not their password; "" where it is. An empty one proves nothing, whatever a directory says."""
        if not name or not password or "\x00" in name or "\x00" in password:
            return "a name and a password are needed"
        return self._bound(name, password)

    def _bound(self, name: str, password: str) -> str:
        wrong = (self._ldap.INVALID_CREDENTIALS, self._ldap.INAPPROPRIATE_AUTH, self._ldap.UNWILLING_TO_PERFORM)
        with self._told("signing in"):
            try:
                self._result(self._to.simple_bind(name, password))
            except (*wrong, self._ldap.NO_SUCH_OBJECT, self._ldap.INVALID_DN_SYNTAX) as error:
                return _reason(error)
        return ""

    def search(
        self, base: str, filters: str, attributes: Sequence[str], *, most: int = 0, page: int = PAGE
    ) -> Iterator[Entry]:
        """What is below the base, a page at a time. `most` ends it early, without another page."""
        control, count = self._ldap.controls.libldap.SimplePagedResultsControl(size=page, cookie=""), 0
        while True:
            found, control.cookie = self._page(base, filters, attributes, control)
            for entry in found:
                yield entry
                count += 1
                if count == most:
                    return
            if not control.cookie:
                return

    def _page(
        self, base: str, filters: str, attributes: Sequence[str], control: Any
    ) -> tuple[list[Entry], bytes | str]:
        with self._told(f"searching below {base[:200]}"):
            asked = self._to.search_ext(
                base, self._ldap.SCOPE_SUBTREE, filters, list(attributes), serverctrls=[control]
            )
            found, controls = self._result(asked)
        cookies = [each.cookie for each in controls if each.controlType == control.controlType]
        return self._entries(found), cookies[0] if cookies else ""

    def read(self, dn: str, attributes: Sequence[str], filters: str = _ANYTHING) -> Entry | None:
        """One entry, None where there is none of this name, or it is not what the filter says."""
        with self._told(f"reading {dn[:200]}"):
            try:
                asked = self._to.search_ext(dn, self._ldap.SCOPE_BASE, filters, list(attributes))
                found, _ = self._result(asked)
            except (self._ldap.NO_SUCH_OBJECT, self._ldap.INVALID_DN_SYNTAX, self._ldap.INSUFFICIENT_ACCESS):
                return None
        return next(iter(self._entries(found)), None)

    def all_texts(self, entry: Entry, name: str) -> list[str]:
        """All values of an attribute, also where they are told in parts: Active Directory does so beyond 1,500."""
        values, end = entry.texts(name), entry.range_end(name)
        while end is not None:
            part = self.read(entry.dn, [f"{name};range={end + 1}-*"])
            values += part.texts(name) if part else []
            following = part.range_end(name) if part else None
            end = following if following is not None and following > end else None
        return values

    def _entries(self, found: list[Any]) -> list[Entry]:
        """Active Directory names other directories among the entries, even where it finds nothing."""
        entries = [Entry(dn, attributes) for dn, attributes in found if dn is not None]
        self.has_led_elsewhere = self.has_led_elsewhere or len(entries) < len(found)
        return entries

    def _result(self, asked: int) -> tuple[list[Any], list[Any]]:
        _, found, _, controls = self._to.result3(asked, all=1, timeout=self._limits.left)
        return found or [], controls

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        ldap = self._ldap
        try:
            yield
        except ldap.REFERRAL:
            raise ProviderUnreachable(f"{doing}: it leads to another directory, and none is followed") from None
        except (ldap.SIZELIMIT_EXCEEDED, ldap.ADMINLIMIT_EXCEEDED):
            raise ProviderUnreachable(
                f"{doing}: only a part is told. Let the account that searches have pages, or a higher size limit"
            ) from None
        except (ldap.TIMEOUT, ldap.TIMELIMIT_EXCEEDED):
            raise ProviderUnreachable("the directory takes too long") from None
        except (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.DECODING_ERROR):
            raise ProviderUnreachable(self._wire.problem or "the directory ended the connection") from None
        except (ldap.CONFIDENTIALITY_REQUIRED, ldap.STRONG_AUTH_REQUIRED):
            raise ProviderUnreachable(f"{doing}: the directory wants TLS") from None
        except (ldap.OPERATIONS_ERROR, ldap.INSUFFICIENT_ACCESS) as error:
            # Active Directory answers whoever has not signed in with the first.
            raise ProviderUnreachable(f"{doing}: the account that searches may not: {_said(error)}") from None
        except ldap.LDAPError as error:
            raise ProviderUnreachable(f"{doing}: {_said(error)}") from None


def _reason(error: Exception) -> str:
    told = _REASON.search(_part(error, "info"))
    return _REASONS.get(told[1], f"data {told[1]}") if told else _said(error)


def _said(error: Exception) -> str:
    """A word of the library, and what the directory has added."""
    told = [_part(error, "desc"), _part(error, "info")]
    return ": ".join(each for each in told if each) or type(error).__name__


def _part(error: Exception, name: str) -> str:
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    text = str(told.get(name) or "")[:200]
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
