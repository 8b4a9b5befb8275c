"""Nothing reaches inside, however the address is written, resolved or redirected to."""

import http.server
import threading
from collections.abc import Iterator

import httpx
import pytest

from control_plane.kernel.words.egress import (
    EgressClient,
    EgressPolicy,
    EgressRefused,
    Endpoint,
    NameUnknown,
    check_url,
)

PUBLIC = "93.184.216.34"

# Addresses that are refused whatever the settings say: metadata, link-local, "this host", multicast, reserved, tunnels.
NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "169.254.169.254.",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "fe80::1",
    "febf::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "ff02::1",
    "2001::1",
    "64:ff9b:1::a9fe:a9fe",
    # the same, wrapped
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::ffff:0.0.0.0",
    "2002:0000:0001::",
]

# Addresses that need `allow_private`.
PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.254",
    "198.18.0.1",
    "192.0.2.1",
    "203.0.113.9",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2002:c0a8:0101::1",
]

# Spellings that programs read differently: refused, whatever they may mean.
ODD = [
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7F.0x0.0x0.0x1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "10.1",
    "0",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.16689662",
    "169.254.43518",
    "4294967295",
    "99999999999",
    "1.2.3.4.5",
    "256.1.1.1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "::1%lo",
    "::ffff:127.1",
]

NAMES = [
    "metadata.google.internal",
    "METADATA.google.internal",
    "metadata.google.internal.",
    "metadata",
    "metadata.goog",
]

URLS = [
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://example.com/",
    "gopher://example.com:70/1",
    "dict://example.com:11211/stat",
    "ldap://example.com/",
    "ssh://example.com/",
    "git://example.com/x",
    "jdbc:postgresql://example.com/x",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "//example.com/",
    "example.com",
    "",
    "http:///path",
    "http://",
    "http://exa mple.com/",
    "http://example.com/\r\nX: y",
    "http://example.com\\@169.254.169.254/",
    "http:\\\\169.254.169.254\\",
    "http://example.com\t/",
    "http://example.com:99999/",
    "http://example.com:-1/",
    "http://example.com:0/",
    "http://１２７.0.0.1/",
    "http://[::1",
    "http://[not-an-address]/",
]


def policy(**changes) -> EgressPolicy:
    answers = changes.pop("answers", {})
    return EgressPolicy(resolver=lambda host, port: answers.get(host, []), **changes)


@pytest.mark.parametrize("address", NEVER)
def test_forbidden_addresses_are_refused_even_where_private_ones_are_allowed(address):
    with pytest.raises(EgressRefused):
        policy(allow_private=True, allow_self=True).resolve(address, 80)


@pytest.mark.parametrize("address", NEVER + PRIVATE)
def test_a_name_that_leads_inside_is_refused(address):
    with pytest.raises(EgressRefused):
        policy(answers={"inside.example": [address]}).resolve("inside.example", 80)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_the_setting(address):
    with pytest.raises(EgressRefused):
        policy().resolve(address, 80)
    assert policy(allow_private=True).resolve(address, 80)


@pytest.mark.parametrize("host", ODD)
def test_odd_spellings_of_addresses_are_refused(host):
    with pytest.raises(EgressRefused):
        policy(allow_private=True, answers={host: [PUBLIC]}).resolve(host, 80)


@pytest.mark.parametrize("host", NAMES)
def test_names_of_metadata_services_are_refused_unresolved(host):
    with pytest.raises(EgressRefused, match="metadata"):
        policy(allow_private=True, answers={host: [PUBLIC]}).resolve(host, 80)


@pytest.mark.parametrize("url", URLS)
def test_what_is_no_plain_http_url_is_refused(url):
    with pytest.raises(EgressRefused):
        check_url(url)


@pytest.mark.parametrize("url", ["http://example.com@169.254.169.254/", "http://169.254.169.254#@example.com/"])
def test_the_host_is_the_real_one_whatever_stands_around_it(url):
    assert check_url(url).host == "169.254.169.254"


def test_public_addresses_are_allowed():
    assert policy(answers={"example.com": [PUBLIC]}).resolve("example.com", 443) == [PUBLIC]
    assert policy().resolve("2606:2800:220:1::1", 443) == ["2606:2800:220:1::1"]


def test_one_bad_record_of_many_refuses_them_all():
    with pytest.raises(EgressRefused):
        policy(answers={"mixed.example": [PUBLIC, "10.0.0.1"]}).resolve("mixed.example", 80)


def test_an_unknown_name_says_so():
    with pytest.raises(NameUnknown):
        policy().resolve("nowhere.example", 80)


def test_our_own_servers_are_refused_by_every_address_of_this_machine():
    guard = policy(allow_private=True, allow_self=True, refused=(Endpoint("127.0.0.1", 5432),))
    for host in ("127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"):
        with pytest.raises(EgressRefused):
            guard.resolve(host, 5432)
    assert guard.resolve("127.0.0.1", 5433)


def test_our_own_servers_elsewhere_are_refused_by_name_and_by_address():
    answers = {"db.internal": ["10.1.2.3"], "alias.example": ["10.1.2.3"]}
    guard = policy(allow_private=True, refused=(Endpoint("db.internal", 5432),), answers=answers)
    for host in ("db.internal", "alias.example", "10.1.2.3", "::ffff:10.1.2.3"):
        with pytest.raises(EgressRefused):
            guard.resolve(host, 5432)


def test_our_web_address_has_a_setting_of_its_own():
    own = (Endpoint("localhost", 8080),)
    answers = {"localhost": ["127.0.0.1"]}
    with pytest.raises(EgressRefused, match="own address"):
        policy(own=own, allow_private=True, answers=answers).resolve("127.0.0.1", 8080)
    only_self = policy(own=own, allow_self=True, answers=answers)
    assert only_self.resolve("localhost", 8080) == ["127.0.0.1"]
    with pytest.raises(EgressRefused):
        only_self.resolve("localhost", 8081)


class _Site(http.server.BaseHTTPRequestHandler):
    """Answers what the path says: `/to?<url>` redirects there, anything else tells the headers it got."""

    def do_GET(self) -> None:
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = "\n".join(f"{name.lower()}: {value}" for name, value in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def site() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client() -> Iterator[EgressClient]:
    answers = {"one.example": ["127.0.0.1"], "two.example": ["127.0.0.1"]}
    with EgressClient(policy(allow_private=True, answers=answers)) as opened:
        yield opened


def test_the_client_connects_to_the_checked_address_and_keeps_the_name(client, site):
    answer = client.get(f"http://one.example:{site}/")
    assert f"host: one.example:{site}" in answer.text


def test_redirects_are_checked_at_each_hop(client, site):
    with pytest.raises(EgressRefused):
        client.get(f"http://one.example:{site}/to?http://169.254.169.254/latest", follow_redirects=True)
    with pytest.raises(EgressRefused):
        client.get(f"http://one.example:{site}/to?file:///etc/passwd", follow_redirects=True)


def test_redirects_are_not_followed_unless_asked(client, site):
    assert client.get(f"http://one.example:{site}/to?/there").status_code == 302
    assert client.get(f"http://one.example:{site}/to?/there", follow_redirects=True).status_code == 200


def test_credentials_stay_with_their_origin(client, site):
    secret = {"Authorization": "Bearer s3cret", "Cookie": "c=s3cret", "X-Api-Key": "s3cret", "Accept": "text/plain"}
    same = client.get(f"http://one.example:{site}/to?/there", headers=secret, follow_redirects=True)
    other = client.get(
        f"http://one.example:{site}/to?http://two.example:{site}/", headers=secret, follow_redirects=True
    )
    assert "x-api-key: s3cret" in same.text
    assert "s3cret" not in other.text
    assert f"host: two.example:{site}" in other.text
    assert "accept: text/plain" in other.text


def test_basic_auth_does_not_follow_to_another_origin(client, site):
    other = client.get(
        f"http://one.example:{site}/to?http://two.example:{site}/", auth=("user", "s3cret"), follow_redirects=True
    )
    assert "authorization" not in other.text


def test_endless_redirects_end(client, site):
    with pytest.raises(httpx.TooManyRedirects):
        client.get(
            f"http://one.example:{site}/to?/to?/to?/to?/to?/to?/to?/to?/to?/to?/to?/to?/x", follow_redirects=True
        )


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(site):
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with EgressClient(EgressPolicy(allow_private=True, resolver=rebinding)) as client:
        assert client.get(f"http://rebind.example:{site}/", headers={"Connection": "close"}).status_code == 200
        assert len(asked) == 1
        with pytest.raises(EgressRefused):
            client.get(f"http://rebind.example:{site}/")


def test_proxies_of_the_environment_are_ignored(client, site, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://169.254.169.254:3128")
    with EgressClient(policy(allow_private=True)) as fresh:
        assert fresh.get(f"http://127.0.0.1:{site}/").status_code == 200


def test_a_streamed_answer_is_guarded_too(client, site):
    with client.stream("GET", f"http://one.example:{site}/to?/there", follow_redirects=True) as answer:
        assert answer.status_code == 200
        assert b"host" in b"".join(answer.iter_bytes())
    with pytest.raises(EgressRefused), client.stream("GET", "http://169.254.169.254/"):
        pass
