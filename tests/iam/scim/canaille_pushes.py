"""Run by canaille's own interpreter: python canaille_pushes.py ADDRESS TOKEN.

Its people and groups live in memory, and its own client of SCIM carries each change to the address. After each step it
says which that was, and waits for a line.
"""

import datetime
import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend

address, token = sys.argv[1:]
settings = {
    "SECRET_KEY": "only for this run",
    "SERVER_NAME": "canaille.test",
    "TESTING": True,
    "CANAILLE": {"DATABASE": "memory"},
    "CANAILLE_OIDC": {"TRUSTED_DOMAINS": ["localhost"]},
    "CANAILLE_SCIM": {"ENABLE_CLIENT": True},
}


def done(step):
    print(step, flush=True)
    input()


def person(name):
    given = name.title()
    return models.User(
        user_name=name,
        given_name=given,
        family_name="Ant",
        formatted_name=f"{given} Ant",
        emails=[f"{name}@acme.test"],
    )


with create_app(settings).app_context(), Backend.instance.session():
    keep, now = Backend.instance.save, datetime.datetime.now(datetime.UTC)
    client = models.Client(client_id="orrery", client_name="Orrery", client_uri=address, client_id_issued_at=now)
    keep(client)
    known = {"token_id": "t", "access_token": token, "scope": ["openid"], "issue_date": now, "lifetime": 3600}
    keep(models.Token(subject=None, audience=[client], client=client, **known))
    ada, ben = person("ada"), person("ben")
    keep(ada)
    keep(ben)
    done("people")
    crew = models.Group(display_name="crew", members=[ada, ben])
    keep(crew)
    done("group")
    ada.family_name = "Love"
    keep(ada)
    done("renamed")
    crew.members = [ada]
    keep(crew)
    done("left")
    Backend.instance.delete(ben)
    done("deleted")
