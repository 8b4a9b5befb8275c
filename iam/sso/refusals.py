"""Why somebody was not signed in: a word for the page, and a sentence for the audit trail."""

from __future__ import annotations

from control_plane.kernel.words.errors import Forbidden, Unavailable


class SignInRefused(Forbidden):
    """The identity provider's answer was not accepted."""

    code = "sign_in_refused"


class ProviderUnreachable(Unavailable):
    """The identity provider does not answer as it should."""

    code = "provider_unreachable"
