#!/bin/sh
# django-scim2 0.23.0 keeps and answers a user's `externalId`, and answers the filter `externalId eq "..."` with 200 and
# no result, so that a client that looks before it creates makes a second user. A group that is created with `members`
# is answered with 201 and none of them. Seen:
#   created 201 ext-1
#   userName eq "vera" 200 1
#   externalId eq "ext-1" 200 0
#   group 201 []
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check django==5.2.19 django-scim2==0.23.0 scim2-filter-parser==0.7.0
cd "$folder"
mkdir people
: > people/__init__.py
cat > people/models.py <<'PYTHON'
from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    name = models.CharField(max_length=80)


class User(AbstractSCIMUserMixin, AbstractUser):
    scim_groups = models.ManyToManyField(Group, through="Membership", related_name="user_set")


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
PYTHON
cat > ask.py <<'PYTHON'
import json
from urllib.parse import quote

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="only for this run",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "people"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    AUTH_USER_MODEL="people.User",
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[f"{__name__}.SignedIn", "django_scim.middleware.SCIMAuthCheckMiddleware"],
    SCIM_SERVICE_PROVIDER={
        "NETLOC": "localhost",
        "GROUP_MODEL": "people.models.Group",
        "AUTHENTICATION_SCHEMES": [{"type": "oauth2", "name": "token", "description": "token"}],
    },
)


class SignedIn:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.user = type("Someone", (), {"is_anonymous": False, "is_authenticated": True})()
        return self.get_response(request)


from django.urls import include, path  # noqa: E402

urlpatterns = [path("scim/v2/", include("django_scim.urls", namespace="scim"))]
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
client = Client()
CORE = "urn:ietf:params:scim:schemas:core:2.0:"


def post(path, body):
    answer = client.post(path, data=json.dumps(body), content_type="application/scim+json")
    return answer.status_code, json.loads(answer.content)


status, user = post(
    "/scim/v2/Users",
    {
        "schemas": [CORE + "User"],
        "userName": "vera",
        "externalId": "ext-1",
        "name": {"givenName": "Vera", "familyName": "Views"},
        "emails": [{"value": "vera@example.com"}],
    },
)
print("created", status, user["externalId"])
for wanted in ('userName eq "vera"', 'externalId eq "ext-1"'):
    answer = client.get("/scim/v2/Users?filter=" + quote(wanted))
    print(wanted, answer.status_code, json.loads(answer.content)["totalResults"])
status, group = post(
    "/scim/v2/Groups", {"schemas": [CORE + "Group"], "displayName": "Data", "members": [{"value": user["id"]}]}
)
print("group", status, group["members"])
PYTHON
seen=$("$folder/venv/bin/python" ask.py 2>/dev/null)
expected='created 201 ext-1
userName eq "vera" 200 1
externalId eq "ext-1" 200 0
group 201 []'
[ "$seen" = "$expected" ] || { echo "seen now: $seen"; exit 1; }
echo "django-scim2 0.23.0: found by userName, not by externalId; members of a new group dropped"
