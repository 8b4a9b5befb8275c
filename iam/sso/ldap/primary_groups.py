"""Active Directory's primary group: the one that somebody is in without being named a member of it."""

from __future__ import annotations

from iam.sso.ldap.entries import Entry

SID, PRIMARY_GROUP = "objectSid", "primaryGroupID"


def primary_group(person: Entry) -> str:
    """Its id, "" where there is none: the person's domain, and in it the number of the group.

    Neither `member` of that group nor `memberOf` of the person tells this membership.
    """
    domain, _, own = person.first(SID).rpartition("-")
    number = person.first(PRIMARY_GROUP)
    is_told = domain.startswith("S-1-") and own.isdecimal() and number.isascii() and number.isdecimal()
    return f"{domain}-{number}" if is_told else ""
