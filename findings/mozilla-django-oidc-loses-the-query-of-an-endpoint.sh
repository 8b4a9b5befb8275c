#!/bin/sh
# mozilla-django-oidc 5.0.2 puts `?` and its parameters behind the authorization endpoint as it is, where RFC 6749, 3.1,
# lets that address have a query of its own, which must be kept: `https://id.test/authorize?policy=work` (an address of
# the kind that Azure AD B2C publishes) is led to with two question marks, so that the provider reads the first parameter
# of the library as a part of its own, and finds no `response_type`. Seen:
#   https://id.test/authorize response_type=['code']
#   https://id.test/authorize?policy=work response_type=None policy=['work?response_type=code']
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check django==5.2.19 mozilla-django-oidc==5.0.2
seen=$("$folder/venv/bin/python" - <<'PYTHON'
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="only for this run",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    OIDC_RP_CLIENT_ID="client",
    OIDC_RP_CLIENT_SECRET="secret",
)

from django.test import RequestFactory, override_settings  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("oidc/", include("mozilla_django_oidc.urls"))]
django.setup()

from mozilla_django_oidc.views import OIDCAuthenticationRequestView  # noqa: E402

for endpoint in ("https://id.test/authorize", "https://id.test/authorize?policy=work"):
    with override_settings(OIDC_OP_AUTHORIZATION_ENDPOINT=endpoint):
        request = RequestFactory().get("/oidc/authenticate/")
        request.session = {}
        address = OIDCAuthenticationRequestView.as_view()(request).url
    told = parse_qs(urlsplit(address).query)
    own = f" policy={told['policy']}" if "policy" in told else ""
    print(f"{endpoint} response_type={told.get('response_type')}{own}")
PYTHON
)
wanted="https://id.test/authorize response_type=['code']
https://id.test/authorize?policy=work response_type=None policy=['work?response_type=code']"
[ "$seen" = "$wanted" ] || { echo "seen now: $seen"; exit 1; }
echo "mozilla-django-oidc 5.0.2: an authorization endpoint with a query of its own gets a second question mark"
