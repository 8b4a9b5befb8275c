"""What is said of every directory, however it is asked."""

from __future__ import annotations

from pydantic import Field

from control_plane.kernel.api.bodies import Body


class Directory(Body):
    """What of it is about accounts."""

    create_users: bool = True
    """Whether somebody who is not known yet gets an account."""
    link_verified: bool = False
    """Whether an account that is there is found by a verified address. It is done once: from then on by the subject."""
    tenants: list[str] = Field(default=[], max_length=100)
    """Where everybody is let in who signs in with a provider of the instance."""
