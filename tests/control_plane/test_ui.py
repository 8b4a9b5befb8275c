import re
from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client

from control_plane import ui

# What clients search the page for.
NONCE = re.compile(r'<meta name="style-nonce" nonce="([^"]+)">')
META = re.compile(r'<meta name="csrf-token" content="([^"]+)">')


@pytest.fixture
def build(tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(
        '<head><meta name="csrf-token" content="" /><meta name="style-nonce" nonce="" /></head>'
    )
    (tmp_path / "assets" / "index-Bx3kd92a.js").write_text("code")
    monkeypatch.setattr(ui, "BUILD", tmp_path)


def get(address: str, files=None) -> tuple[str, dict[str, str]]:
    answer: dict[str, object] = {}
    environ: dict[str, object] = {"PATH_INFO": address, "REQUEST_METHOD": "GET"}
    setup_testing_defaults(environ)

    def start(status, headers, exc_info=None):
        answer["status"], answer["headers"] = status, dict(headers)

    body = (files or ui.static_files(django))(environ, start)
    getattr(body, "close", lambda: None)()
    return answer["status"], answer["headers"]


def django(environ, start_response):
    start_response("299 Django", [])
    return [b""]


def test_the_page_and_the_cookie_carry_one_token(build):
    answer = Client().get("/ui/")
    assert META.search(answer.content.decode()).group(1) == answer.cookies["csrfToken"].value


def test_nothing_is_run_and_no_style_taken_but_what_is_the_pages_own(build):
    """Styles that its own scripts write bear a word that no other page was given."""
    answers = [Client().get("/ui/acme/flows") for _ in range(2)]
    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    words = [NONCE.search(answer.content.decode()).group(1) for answer in answers]
    assert words[0] != words[1] and all(len(word) >= 20 for word in words)
    for policy, word in zip(policies, words, strict=True):
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert "unsafe" not in policy and "*" not in policy
        assert rules["style-src"] == f"'self' 'nonce-{word}'"
        assert rules["default-src"] == "'self'" and "script-src" not in rules
        assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"


def test_behind_tls_the_cookies_are_secure(build):
    page = Client().get("/ui/", secure=True)
    assert page.cookies["csrfToken"]["secure"] and page.cookies["csrfToken"]["samesite"] == "Lax"
    assert not Client().get("/ui/").cookies["csrfToken"]["secure"]


def test_a_token_that_is_held_stays(build):
    client = Client()
    first = client.get("/ui/").cookies["csrfToken"].value
    assert client.get("/ui/acme/flows").cookies["csrfToken"].value == first


def test_a_token_that_could_break_the_page_is_replaced(build):
    client = Client()
    client.cookies["csrfToken"] = 'x"><script>' + "x" * 40
    assert "<script>" not in client.get("/ui/").content.decode()


def test_every_address_of_the_application_opens_its_page(build):
    assert META.search(Client().get("/ui/acme/executions/abc").content.decode())


def test_an_absent_asset_is_not_the_page(build):
    assert Client().get("/ui/assets/gone-12345678.js").status_code == 404


def test_before_the_build_the_page_says_how_to_build_it(tmp_path, monkeypatch):
    monkeypatch.setattr(ui, "BUILD", tmp_path)
    answer = Client().get("/ui/").content.decode()
    assert "make ui" in answer
    assert META.search(answer)


def test_the_root_leads_to_the_application():
    assert Client().get("/").headers["Location"] == "/ui/"


def test_hashed_assets_are_kept_for_ever(build):
    status, headers = get("/ui/assets/index-Bx3kd92a.js")
    assert status.startswith("200")
    assert "immutable" in headers["Cache-Control"]


def test_the_page_itself_is_never_a_file(build):
    assert get("/ui/index.html")[0] == "299 Django"


def test_the_example_is_public_csv(build):
    status, headers = get("/ui/examples/orders.csv")
    assert status.startswith("200")
    assert headers["Content-Type"].startswith("text/csv")


def test_the_example_has_books_and_music_and_no_garden():
    text = (ui.PUBLIC / "examples" / "orders.csv").read_text()
    assert text.startswith("order_id,date,category,product,quantity,total\n")
    categories = {line.split(",")[2] for line in text.splitlines()[1:]}
    assert {"books", "music"} <= categories
    assert "garden" not in categories


def test_what_was_built_anew_is_served_without_a_restart(build, tmp_path):
    files = ui.static_files(django)
    address = "/ui/assets/index-Zz9qw81c.js"
    assert get(address, files)[0] == "299 Django"
    (tmp_path / "assets" / "index-Zz9qw81c.js").write_text("newer code")
    assert get(address, files)[0] == "200 OK"
