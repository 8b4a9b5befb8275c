"""The habits of the clients that push people, where they and the standard ask for different answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs for one client. All else that clients do differently is understood from every one of them."""

    client: str
    name: str
    makes_missing_values: bool = False
    """A replace of `emails[type eq "work"].value` where there is none makes it, as Entra expects; else noTarget."""
    empties_groups: bool = False
    """A remove of `members` that names nobody means everybody, as RFC 7644 says; those who always name whom they
    remove would lose all members by a mistake."""


PROFILES = {
    profile.client: profile
    for profile in (
        Profile("GENERIC", "Any SCIM 2.0 client", empties_groups=True),
        Profile("OKTA", "Okta"),
        Profile("ENTRA", "Microsoft Entra ID", makes_missing_values=True),
        Profile("KEYCLOAK", "Keycloak"),
        Profile("AUTHENTIK", "authentik"),
    )
}
GENERIC = PROFILES["GENERIC"]


def profile_of(client: str) -> Profile:
    return PROFILES.get(client, GENERIC)
