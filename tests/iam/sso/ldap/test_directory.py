"""Asking a real directory: encrypted or not at all, by pages, for a bounded time, and never anywhere else."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from control_plane.kernel.words.egress import EgressPolicy
from iam.directories.ldap import LdapSettings
from iam.sso.ldap import library
from iam.sso.ldap.directory import Directory
from iam.sso.ldap.starttls import start_tls
from iam.sso.ldap.wire import Limits
from iam.sso.refusals import ProviderUnreachable
from tests.iam.sso.ldap.certificates import Authority
from tests.iam.sso.ldap.slapd_peer import (
    ADMIN,
    MANY,
    MANY_BASE,
    NARROW,
    PASSWORD,
    READER,
    READER_PASSWORD,
    SUFFIX,
    Place,
    Slapd,
)

HERE = EgressPolicy(allow_private=True)


def settings(**changes: Any) -> LdapSettings:
    return LdapSettings.model_validate({"userBase": SUFFIX, **changes})


@contextmanager
def directory(wanted: LdapSettings, *, seconds: float = 10, size: int = 10_000_000) -> Iterator[Directory]:
    with Directory(wanted, HERE, Limits(seconds, size)) as opened:
        yield opened


@contextmanager
def bound(wanted: LdapSettings, **limits: Any) -> Iterator[Directory]:
    with directory(wanted, **limits) as opened:
        opened.bind(READER, READER_PASSWORD)
        yield opened


def check_refused(wanted: LdapSettings, match: str | None = None, **limits: Any) -> None:
    with pytest.raises(ProviderUnreachable, match=match), bound(wanted, **limits):
        pytest.fail("it was spoken to")


def ours(server: Slapd, **changes: Any) -> LdapSettings:
    return settings(**{"url": server.url, "authorities": server.ca, **changes})


@pytest.mark.parametrize("encryption", ["StartTLS", "LDAPS", "none, on this machine"])
def test_a_directory_is_asked_by_starttls_and_by_ldaps(slapd: Slapd, encryption: str):
    wanted = {
        "StartTLS": ours(slapd),
        "LDAPS": ours(slapd, url=slapd.tls_url),
        "none, on this machine": ours(slapd, startTls=False),
    }[encryption]
    with bound(wanted) as opened:
        found = opened.read(READER, ["CN"])
    assert found is not None and found.texts("cn") == ["reader"]


@pytest.mark.parametrize("scheme", ["StartTLS", "LDAPS"])
def test_a_certificate_by_another_authority_is_refused_and_nothing_is_said(slapd: Slapd, scheme: str):
    for authorities in (Authority("Another").pem, ""):
        url = slapd.url if scheme == "StartTLS" else slapd.tls_url
        check_refused(ours(slapd, url=url, authorities=authorities), "the certificate of localhost is refused")


def test_a_certificate_for_another_host_is_told_from_a_server_that_is_down(tmp_path: Path):
    authority = Authority("Acme")
    context = tls_of(authority, tmp_path, "elsewhere.test")

    def answer(connection: socket.socket) -> None:
        with pytest.raises((ssl.SSLError, OSError)):
            context.wrap_socket(connection, server_side=True)

    with peer(answer) as port:
        wanted = settings(url=f"ldaps://localhost:{port}", authorities=authority.pem)
        check_refused(wanted, r"(?i)hostname mismatch")
    check_refused(settings(url=f"ldaps://localhost:{port}"), "refused")


def tls_of(authority: Authority, folder: Path, host: str) -> ssl.SSLContext:
    certificate, key = authority.issue(host)
    (folder / "server.pem").write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@contextmanager
def peer(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that answers one connection as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


STARTTLS_DONE = bytes.fromhex("300c020101" + "7807" + "0a0100" + "0400" + "0400")
STARTTLS_REFUSED = bytes.fromhex("300c020101" + "7807" + "0a0102" + "0400" + "0400")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (STARTTLS_REFUSED, "refuses StartTLS"),
        (STARTTLS_DONE + bytes.fromhex("300c02010161070a010004000400"), "no TLS"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no directory"),
        (b"\x30\x84\x7f\xff\xff\xff", "no directory"),
        (b"\x30", "ends the connection"),
        (b"", "ends the connection"),
        (bytes.fromhex("300c020102" + "7807" + "0a0100" + "0400" + "0400"), "not asked"),
        (bytes.fromhex("300c020101" + "6507" + "0a0100" + "0400" + "0400"), "does not know StartTLS"),
    ],
    ids=["refused", "a bind slipped in behind it", "a web server", "a huge length", "half", "nothing", "other", "kind"],
)
def test_whatever_answers_to_starttls_nothing_is_said_without_tls(answer: bytes, said: str):
    heard = bytearray()

    def speak(connection: socket.socket) -> None:
        heard.extend(connection.recv(31))
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        heard.extend(connection.recv(4096))

    with peer(speak) as port:
        check_refused(settings(url=f"ldap://localhost:{port}"), said)
    assert READER_PASSWORD.encode() not in heard


def _wait(release: threading.Event) -> None:
    release.wait(10)


def test_a_directory_that_is_silent_costs_no_more_than_the_time_that_was_given():
    release = threading.Event()
    with peer(lambda connection: _wait(release)) as port:
        try:
            check_refused(settings(url=f"ldap://127.0.0.1:{port}", startTls=False), "too long", seconds=0.3)
        finally:
            release.set()


def test_a_directory_that_drips_costs_no_more_either():
    release = threading.Event()

    def drip(connection: socket.socket) -> None:
        for byte in b"\x30\x84\x00\x00\x10\x00" + b"\x02\x01\x01" * 50:
            if release.wait(0.02):
                return
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return

    with peer(drip) as port:
        try:
            check_refused(settings(url=f"ldap://127.0.0.1:{port}", startTls=False), "too long", seconds=0.3)
        finally:
            release.set()


@pytest.mark.parametrize("answer", [b"garbage" * 100, b"\x30\x05\x02\x01\x01\x61\x00", b"\x30\x00", b"\xff" * 4000])
def test_what_is_no_ldap_is_no_answer(answer: bytes):
    def speak(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    with peer(speak) as port:
        check_refused(settings(url=f"ldap://127.0.0.1:{port}", startTls=False), seconds=2)


def test_everybody_is_read_by_pages_beyond_what_the_directory_tells_at_once(slapd: Slapd):
    with bound(ours(slapd)) as opened:
        found = {entry.first("uid") for entry in opened.search(MANY_BASE, "(objectClass=inetOrgPerson)", ["uid"])}
    assert len(found) == MANY > 1_500


def test_a_part_is_not_taken_for_the_whole(slapd: Slapd):
    with bound(ours(slapd), size=50_000) as opened, pytest.raises(ProviderUnreachable, match="more than is taken"):
        list(opened.search(MANY_BASE, "(objectClass=*)", ["uid", "mail"]))
    with directory(ours(slapd)) as opened:
        opened.bind(NARROW, READER_PASSWORD)
        with pytest.raises(ProviderUnreachable, match="only a part"):
            list(opened.search(MANY_BASE, "(objectClass=*)", ["uid"]))


def test_referrals_are_refused(slapd: Slapd, place: Place):
    import ldap
    from ldap.controls.simple import ManageDSAITControl

    elsewhere = f"ou=elsewhere,{place.base}"
    told = [
        ("objectClass", [b"referral", b"extensibleObject"]),
        ("ou", [b"elsewhere"]),
        ("ref", [b"ldap://169.254.169.254/ou=people,dc=evil"]),
    ]
    with slapd.admin() as admin:
        admin.add_ext_s(elsewhere, told, serverctrls=[ManageDSAITControl()])
    place.person("ada")
    with bound(ours(slapd)) as opened:
        found = list(opened.search(place.base, "(objectClass=inetOrgPerson)", ["uid"]))
        assert [entry.first("uid") for entry in found] == ["ada"] and opened.has_led_elsewhere
        with pytest.raises(ProviderUnreachable, match="none is followed"):
            list(opened.search(elsewhere, "(objectClass=*)", ["uid"]))
    assert ldap.get_option(ldap.OPT_REFERRALS) is not None


def test_an_empty_password_proves_nothing_whatever_the_directory_says(slapd: Slapd, place: Place):
    ada = place.person("ada")
    with directory(ours(slapd)) as opened:
        assert opened.refusal(ada, "") and opened.refusal("", PASSWORD) and opened.refusal(ada, PASSWORD + "\x00")
        assert opened.refusal(ada, "wrong") == "Invalid credentials"
        assert opened.refusal(ada, PASSWORD) == ""
        with pytest.raises(ProviderUnreachable, match="does not let"):
            opened.bind(READER, "")


def test_what_an_anonymous_search_may_not_is_said(slapd: Slapd):
    with directory(ours(slapd)) as opened:
        opened.bind("", "")
        assert opened.read(ADMIN, ["cn"]) is None
        with pytest.raises(ProviderUnreachable):
            list(opened.search(f"ou=nowhere,{SUFFIX}", "(objectClass=*)", ["cn"]))


def test_an_address_that_may_not_be_reached_is_not_asked(slapd: Slapd):
    with pytest.raises(ProviderUnreachable, match="may not be reached"):
        Directory(ours(slapd), EgressPolicy(allow_private=False), Limits(2, 1000))


def test_without_the_library_it_is_said_which_extra_is_lacking(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(library, "_imported", lambda: (_ for _ in ()).throw(ImportError("no ldap")))
    with pytest.raises(ProviderUnreachable, match=r"orrery-control-plane\[ldap\]"):
        Directory(settings(url="ldaps://localhost"), HERE, Limits(2, 1000))


def test_starttls_waits_no_longer_than_it_is_let():
    near, far = socket.socketpair()
    with near, far, pytest.raises(ProviderUnreachable):
        start_tls(near, lambda: 0.05)
