#!/bin/sh
# canaille 0.3.6 with its extra `scim` asks for scim2-client 0.7.5 or newer, and so gets 0.13.2, whose errors are called
# otherwise: a fresh environment installs without complaint, and its SCIM client cannot be imported:
#   ImportError: cannot import name 'SCIMClientError' from 'scim2_client'
# With scim2-client 0.7.5 alone it imports, and its first question ends with an AttributeError, as scim2-models 0.12.3
# has no `get_by_payload`; with scim2-models 0.6.12, too, it works.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
install() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
ask() {
    "$folder/venv/bin/python" - <<'PYTHON'
try:
    import canaille.scim.client
except ImportError as error:
    raise SystemExit(print(str(error).partition(" (")[0]))

import httpx
from scim2_client.engines.httpx import SyncSCIMClient
from scim2_models import ResourceType

kinds = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": []}
told = httpx.Response(200, json=kinds, headers={"Content-Type": "application/scim+json"})
server = httpx.Client(base_url="http://scim.test", transport=httpx.MockTransport(lambda request: told))
try:
    SyncSCIMClient(server).query(ResourceType)
    print("asks")
except AttributeError as error:
    print(f"no {error}")
PYTHON
}
install 'canaille[oidc,scim]==0.3.6' scim2-client==0.13.2 scim2-models==0.12.3
seen=$(ask)
install scim2-client==0.7.5 scim2-models==0.12.3
seen="$seen; $(ask)"
install scim2-client==0.7.5 scim2-models==0.6.12
seen="$seen; $(ask)"
wanted="cannot import name 'SCIMClientError' from 'scim2_client'; no get_by_payload; asks"
[ "$seen" = "$wanted" ] || { echo "seen now: $seen"; exit 1; }
echo "canaille 0.3.6: $seen"
