"""From a credential to an access token: read the secrets it names, sign, ask the token endpoint, read what it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from control_plane.kernel.actor import Context
from control_plane.kernel.admission.at_once import AtOnce
from control_plane.kernel.authorization import require
from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from control_plane.kernel.scope import current_tenant, tenant_scope
from control_plane.kernel.words.brief import NoAnswer, ask_briefly
from control_plane.kernel.words.errors import ControlPlaneError, DependencyFailed, Unavailable
from iam.authorization.jobs import job_actor
from stores.credentials.exchange import Secrets, Token, TokenRequest, request_for, token_in
from stores.credentials.refusals import MintFailed
from stores.credentials.settings import SecretReference, Settings, known_settings, references
from stores.models import Credential
from stores.permissions import SECRET
from stores.secrets.reading import Reading, reading

SECONDS = 8.0
"""How long a token endpoint may take, from the connection to the last byte."""
LARGEST = 256 * 1024
_SHORTEST_MASKED = 4

_minting = AtOnce()


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, in words that hold nothing secret."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a token takes, found in the scope, so that no row is needed afterwards."""

    settings: Settings
    secrets: Mapping[SecretReference, str | Reading] = field(repr=False)
    """Values, and how those are to be had that another system keeps."""
    told: Mapping[SecretReference, str]
    """Which property names which secret, in words."""

    def read(self) -> dict[SecretReference, str]:
        """Outside of every scope. MintFailed, in the step `secrets`."""
        found = {}
        for reference, known in self.secrets.items():
            with _telling(self.told[reference]):
                found[reference] = known if isinstance(known, str) else known.value()
        return found


def recipe_of(credential: Credential) -> Recipe:
    """In the tenant's scope. MintFailed, in the step `secrets`, naming the one that is not to be had."""
    settings = known_settings(credential.settings)
    found: dict[SecretReference, str | Reading] = {}
    told = {}
    for name, reference in references(settings):
        place = reference.namespace or credential.namespace
        told[reference] = f"`{name}` names the secret `{reference.secret_key}` of `{place}`"
        with _telling(told[reference]):
            check_reach(credential.namespace, place)
            found[reference] = reading(place, reference.secret_key)
    return Recipe(settings, found, told)


@contextmanager
def _telling(what: str) -> Iterator[None]:
    try:
        yield
    except ControlPlaneError as error:
        is_final = not isinstance(error, (Unavailable, DependencyFailed))
        raise MintFailed("secrets", f"{what}: {error.message}", is_final=is_final) from None


def check_reach(namespace: str, place: str) -> None:
    """Of what a job in the credential's namespace may not read, a credential tells it nothing either. Forbidden.

    One of the whole tenant may name any secret that whoever made it knew of.
    """
    if namespace:
        job = Context(job_actor(current_tenant(), namespace, "", ""), current_tenant())
        require(job, SECRET.LIST, place)


def mint(recipe: Recipe, tell: Callable[[Step], None] = lambda step: None) -> Token:
    """Ask for a token, outside of every scope: it may take seconds. Each step is told when it is done."""
    secrets = recipe.read()
    names = [f"`{each.secret_key}`" for each in secrets]
    tell(Step("secrets", f"read {', '.join(names)}"))
    request = request_for(recipe.settings, secrets)
    if request.is_signed:
        tell(Step("signature", "the assertion is signed"))
    asked_at = time.time()
    try:
        token = _asked(request, asked_at, tell)
    except MintFailed as error:
        raise MintFailed(
            error.step, _without(secrets, error.message), is_final=error.is_final, retry_after=error.retry_after
        ) from None
    lasts = "it does not say how long" if token.seconds is None else f"for {token.seconds:.0f} seconds"
    tell(Step("token", f"an access token of {len(token.value)} characters, {lasts}"))
    return token


def _asked(request: TokenRequest, asked_at: float, tell: Callable[[Step], None]) -> Token:
    where = urlsplit(request.url)
    place = f"{where.scheme}://{where.netloc}{where.path}"
    try:
        answer = ask_briefly(
            policy_of(config()),
            "POST",
            request.url,
            seconds=SECONDS,
            largest=LARGEST,
            form=request.form,
            headers=request.headers,
        )
        token = token_in(answer.status, answer.headers, answer.body, asked_at=asked_at)
    except NoAnswer as error:
        raise MintFailed("request", f"POST {place}: {error.message}", is_final=error.is_refused) from None
    except MintFailed as error:
        raise MintFailed(
            error.step, f"POST {place}: {error.message}", is_final=error.is_final, retry_after=error.retry_after
        ) from None
    tell(Step("request", f"POST {place}: it answered {answer.status} after {time.time() - asked_at:.1f} s"))
    return token


def _without(secrets: Secrets, text: str) -> str:
    """A server may repeat what it was sent."""
    for value in secrets.values():
        if len(value.strip()) >= _SHORTEST_MASKED:
            text = text.replace(value.strip(), "******")
    return text


@contextmanager
def one_at_a_time(tenant: str) -> Iterator[None]:
    """TooManyRequests where enough of this process's threads wait for token endpoints, or for this tenant's."""
    most = max(2, config().web_threads // 4)
    with _minting.one_of({"all": most, tenant: max(1, most // 2)}, "too many tokens are being asked for at once"):
        yield


def recipe_in(tenant: str, credential_id: str) -> Recipe:
    """The same in a scope of its own."""
    with tenant_scope(tenant):
        return recipe_of(Credential.objects.get(id=credential_id))
