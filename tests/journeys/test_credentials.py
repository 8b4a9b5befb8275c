"""An access token of another system: the page, a test of it, a flow that uses it, and what nobody gets to see."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.hands import press, sign_in
from tests.stores.credentials.authlib_peer import TokenServer

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.filterwarnings("default")]

FLOW = """
id: orders
namespace: company.team
tasks:
  - id: call
    type: io.kestra.plugin.core.http.Request
    uri: "{orders}"
    options: {{auth: {{type: BEARER, token: "{{{{ credential('billing') }}}}"}}}}
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "token {{{{ credential('billing') }}}} of {{{{ outputs.call.body }}}}"
"""


@pytest.fixture(scope="module")
def peer():
    server = TokenServer()
    server.reset()
    yield server
    server.close()


@pytest.fixture(scope="module")
def page(instance, founder, token):
    secret = {"key": "CLIENT_SECRET", "value": "s3cret of the client", "tags": []}
    instance.call("PUT", "/api/v1/acme/namespaces/company.team/secrets", secret, token=token)
    with open_page() as opened:
        opened.goto(f"{instance.url}/ui/sign-in")
        sign_in(opened, founder.email, founder.password)
        expect(opened.get_by_role("heading", name="Flows", level=1)).to_be_visible()
        yield opened


def test_she_makes_one_and_it_names_a_secret(instance, page, peer):
    page.goto(f"{instance.url}/ui/acme/namespaces/company.team/credentials")
    press(page, "New credential")
    dialog = page.get_by_role("dialog", name="New credential")
    dialog.get_by_label("Name", exact=False).first.fill("billing")
    dialog.get_by_label("Token endpoint").fill(peer.url)
    dialog.get_by_label("Client ID").fill("basic")
    dialog.get_by_label("Secret that holds the client's secret").fill("CLIENT_SECRETS")
    press(dialog, "Save")
    expect(page.get_by_role("row").filter(has_text="billing")).to_be_visible()


def test_a_test_says_at_which_step_it_ends(page):
    press(page, "Test billing")
    dialog = page.get_by_role("dialog", name="Test billing")
    expect(dialog.get_by_role("listitem")).to_contain_text("names the secret `CLIENT_SECRETS` of `company.team`")
    expect(dialog.get_by_text("No token was given.")).to_be_visible()
    press(dialog, "Done")


def test_she_mends_it_and_it_works(page, peer):
    press(page, "Change billing")
    dialog = page.get_by_role("dialog", name="Change billing")
    dialog.get_by_label("Secret that holds the client's secret").fill("CLIENT_SECRET")
    press(dialog, "Save")
    expect(dialog).to_have_count(0)
    press(page, "Test billing")
    dialog = page.get_by_role("dialog", name="Test billing")
    expect(dialog.get_by_text("It works. The token was thrown away.")).to_be_visible()
    assert peer.issued[-1]["access_token"] not in page.content()
    press(dialog, "Done")


def test_a_flow_calls_with_its_token_and_nobody_sees_it(instance, page, token, peer):
    orders = peer.url.replace("/token", "/orders")
    instance.call("POST", "/api/v1/acme/flows", FLOW.format(orders=orders), token=token)
    before = peer.requests
    ended = instance.call("POST", "/api/v1/acme/executions/company.team/orders?wait=true", token=token)
    assert ended["state"]["current"] == "SUCCESS"
    assert peer.requests == before + 1, "both tasks have used one token"
    page.goto(f"{instance.url}/ui/acme/executions/{ended['id']}/logs")
    expect(page.get_by_text("token ****** of")).to_be_visible()
    assert peer.issued[-1]["access_token"] not in page.content()


def test_one_that_is_deleted_gives_no_token(instance, page, token):
    page.goto(f"{instance.url}/ui/acme/namespaces/company.team/credentials")
    press(page, "Delete billing")
    dialog = page.get_by_role("dialog", name="Delete credential")
    dialog.get_by_label("Type billing to confirm").fill("billing")
    press(dialog, "Delete")
    expect(page.get_by_text("No credential in this namespace")).to_be_visible()
    ended = instance.call("POST", "/api/v1/acme/executions/company.team/orders?wait=true", token=token)
    assert ended["state"]["current"] == "FAILED"
