"""A real slapd on a port of this machine, with a place of its own for every test."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.iam.sso.ldap.certificates import Authority

SUFFIX = "dc=acme,dc=test"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{SUFFIX}", "the admin's own"
READER, READER_PASSWORD = f"cn=reader,{SUFFIX}", "the reader's own"
NARROW = f"cn=narrow,{SUFFIX}"
"""Somebody who may read all and is told only a part."""
PASSWORD = "Correct-horse-1"
MANY = 1_600
MANY_BASE = f"ou=many,{SUFFIX}"
_SCHEMAS = Path("/etc/ldap/schema")
_MODULES = Path("/usr/lib/ldap")
_SEARCH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
_CONFIG = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/nis.schema
include {schemas}/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.146 NAME 'objectSid' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.2.840.113556.1.4.98 NAME 'primaryGroupID' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )
objectclass ( 1.3.6.1.4.1.4203.666.3 NAME 'ofActiveDirectory' AUXILIARY MAY ( objectSid $ primaryGroupID ) )
pidfile {folder}/pid
modulepath {modules}
moduleload back_mdb
moduleload memberof
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix {suffix}
rootdn {admin}
rootpw "{admin_password}"
directory {folder}/data
maxsize 134217728
dbnosync
index objectClass,uid,mail,member,memberUid eq
limits dn.exact="{reader}" size.soft=500 size.hard=500 size.pr=unlimited size.prtotal=unlimited
limits dn.exact="{narrow}" size.soft=100 size.hard=100 size.pr=100 size.prtotal=100
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by dn.exact="{narrow}" read by anonymous auth by * none
overlay memberof
memberof-dangling ignore
"""


def lacking() -> str:
    """What this machine has not, and its tests need; "" where all is there."""
    try:
        import ldap  # noqa: F401
    except ImportError:
        return "python-ldap is not installed (apt-get install gcc python3-dev libldap2-dev libsasl2-dev)"
    return "" if shutil.which("slapd", path=_SEARCH) else "slapd is not installed (apt-get install slapd)"


class Slapd:
    """`ca` is the certificate of who has signed the server's, as PEM."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        authority = Authority("Acme")
        self.ca = authority.pem
        (folder / "ca.pem").write_text(self.ca)
        certificate, key = authority.issue("localhost", "127.0.0.1")
        (folder / "server.pem").write_text(certificate)
        (folder / "server.key").write_text(key)
        (folder / "data").mkdir()
        self._config = folder / "slapd.conf"
        self._config.write_text(
            _CONFIG.format(
                folder=folder,
                schemas=_SCHEMAS,
                modules=_MODULES,
                suffix=SUFFIX,
                admin=ADMIN,
                admin_password=ADMIN_PASSWORD,
                reader=READER,
                narrow=NARROW,
            )
        )
        self.port, self.tls_port = _free_port(), _free_port()
        self.url, self.tls_url = f"ldap://localhost:{self.port}", f"ldaps://localhost:{self.tls_port}"
        # Debian lets the program at its own place read its own folders alone.
        self._program = Path(shutil.copy(_program("slapd"), folder / "slapd"))
        self._load()
        self._process = self._started()

    def _load(self) -> None:
        subprocess.run(
            [str(self._program), "-T", "add", "-q", "-f", str(self._config)],
            input="\n\n".join(_first_entries()).encode(),
            check=True,
            capture_output=True,
        )

    def _started(self) -> subprocess.Popen[bytes]:
        addresses = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"
        process = subprocess.Popen(
            [str(self._program), "-f", str(self._config), "-h", addresses, "-d", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.tls_port), timeout=1).close()
                return process
            except ConnectionRefusedError:
                if process.poll() is not None:
                    raise RuntimeError(f"slapd ended with {process.returncode}") from None
        process.kill()
        raise RuntimeError("slapd does not answer")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    @contextmanager
    def admin(self) -> Iterator[Any]:
        import ldap

        connection = ldap.initialize(f"ldap://127.0.0.1:{self.port}")
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.simple_bind_s(ADMIN, ADMIN_PASSWORD)
        try:
            yield connection
        finally:
            connection.unbind_s()

    def place(self) -> Place:
        """A branch that no other test knows of."""
        return Place(self, f"ou=t{next(self._numbers)},{SUFFIX}")


class Place:
    """`people` and `groups` are its bases."""

    def __init__(self, server: Slapd, base: str) -> None:
        self.server = server
        self.base = base
        self.people, self.groups = f"ou=people,{base}", f"ou=groups,{base}"
        for dn in (base, self.people, self.groups):
            self.add(dn, objectClass="organizationalUnit")

    def add(self, dn: str, **attributes: Any) -> str:
        told = [(name, _values(value)) for name, value in attributes.items()]
        with self.server.admin() as admin:
            admin.add_s(dn, told)
        return dn

    def person(self, uid: str, *, under: str = "", **attributes: Any) -> str:
        told = {
            "objectClass": "inetOrgPerson",
            "cn": uid,
            "givenName": uid.title(),
            "sn": "Ant",
            "mail": f"{uid}@acme.test",
            "userPassword": PASSWORD,
            **attributes,
        }
        told = {name: value for name, value in told.items() if value is not None}
        return self.add(f"uid={uid},{under or self.people}", **told)

    def group(self, name: str, *members: str, **attributes: Any) -> str:
        return self.add(
            f"cn={name},{self.groups}", objectClass="groupOfNames", member=list(members) or [ADMIN], **attributes
        )

    def set(self, dn: str, **attributes: Any) -> None:
        import ldap

        told = [(ldap.MOD_REPLACE, name, _values(value)) for name, value in attributes.items()]
        with self.server.admin() as admin:
            admin.modify_s(dn, told)

    def delete(self, dn: str) -> None:
        with self.server.admin() as admin:
            admin.delete_s(dn)

    def settings(self, **changes: Any) -> dict[str, Any]:
        return {
            "url": self.server.url,
            "authorities": self.server.ca,
            "bindDn": READER,
            "userBase": self.people,
            "groupBase": self.groups,
            **changes,
        }

    def wish(self, name: str = "directory", **changes: Any) -> dict[str, Any]:
        """What an administrator sends to connect it."""
        settings = self.settings(**changes.pop("settings", {}))
        return {
            "name": name,
            "title": name.title(),
            "kind": "LDAP",
            "preset": "openldap",
            "settings": settings,
            "secret": READER_PASSWORD,
            **changes,
        }


@contextmanager
def running_slapd() -> Iterator[Slapd]:
    """Skips, saying what lacks, where there is none."""
    if problem := lacking():
        pytest.skip(problem)
    with tempfile.TemporaryDirectory(prefix="slapd-") as folder:
        server = Slapd(Path(folder))
        try:
            yield server
        finally:
            server.close()


def _first_entries() -> Iterator[str]:
    yield f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: acme\no: Acme"
    for dn, name in ((READER, "reader"), (NARROW, "narrow")):
        yield f"dn: {dn}\nobjectClass: person\ncn: {name}\nsn: {name}\nuserPassword: {READER_PASSWORD}"
    yield f"dn: {MANY_BASE}\nobjectClass: organizationalUnit\nou: many"
    for number in range(MANY):
        yield (
            f"dn: uid=m{number},{MANY_BASE}\nobjectClass: inetOrgPerson\nuid: m{number}\ncn: m{number}\nsn: Many\n"
            f"mail: m{number}@acme.test"
        )


def _values(value: Any) -> list[bytes]:
    return [
        each if isinstance(each, bytes) else str(each).encode()
        for each in (value if isinstance(value, list) else [value])
    ]


def _program(name: str) -> str:
    found = shutil.which(name, path=_SEARCH)
    assert found is not None, name
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
