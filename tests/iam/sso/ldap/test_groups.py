"""Which groups somebody is in, however the directory says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from control_plane.kernel.words.egress import EgressPolicy
from iam.directories.ldap import LdapSettings
from iam.sso.ldap.directory import Directory
from iam.sso.ldap.entries import Entry, normal_dn
from iam.sso.ldap.groups import Graph, Groups, read_groups
from iam.sso.ldap.primary_groups import primary_group
from iam.sso.ldap.wire import Limits
from tests.iam.sso.ldap.slapd_peer import READER, READER_PASSWORD, Place

WANTED = ["uid", "memberOf", "entryUUID", "objectSid", "primaryGroupID"]
DOMAIN = "S-1-5-21-1004336348-1177238915-682003330"


def both_ways(place: Place, dn: str, **changes: Any) -> list[str]:
    """What a sign-in finds by asking for one, and what a sync finds among all: they must agree."""
    settings = LdapSettings.model_validate(place.settings(**changes))
    with Directory(settings, EgressPolicy(allow_private=True), Limits(20, 10_000_000)) as directory:
        directory.bind(READER, READER_PASSWORD)
        entry = directory.read(dn, WANTED)
        assert entry is not None
        asked = {group.name for group in Groups(directory, settings).of(entry)}
        known = {group.name for group in Graph(settings, read_groups(directory, settings)).of(entry)}
    assert asked == known
    return sorted(asked)


def test_groups_that_are_in_groups_are_found_up_to_the_top_and_in_a_circle(place: Place):
    ada = place.person("ada")
    platform = place.group("platform", ada)
    engineering = place.group("engineering", platform)
    company = place.group("company", engineering)
    place.set(platform, member=[ada, company])
    place.group("strangers")
    assert both_ways(place, ada) == ["company", "engineering", "platform"]
    assert both_ways(place, ada, nesting="NONE") == ["platform"]


def test_a_circle_of_one_and_a_chain_of_thirty_end(place: Place):
    ada = place.person("ada")
    last = place.group("self", ada)
    place.set(last, member=[ada, last])
    for number in range(30):
        last = place.group(f"g{number:02}", last)
    found = both_ways(place, ada)
    assert "self" in found and "g18" in found and len(found) <= 22


def test_a_group_is_found_by_member_of_where_groups_say_nothing_of_their_members(place: Place):
    ada = place.person("ada")
    place.group("platform", ada)
    assert both_ways(place, ada, memberAttribute="uniqueMember") == ["platform"]


def test_with_no_place_for_groups_member_of_names_them(place: Place):
    ada = place.person("ada")
    place.group("platform", ada)
    assert both_ways(place, ada, groupBase="") == ["platform"]


def test_groups_elsewhere_in_the_directory_are_not_ours(place: Place):
    ada = place.person("ada")
    place.add(f"cn=outside,{place.base}", objectClass="groupOfNames", member=ada)
    place.group("inside", ada)
    assert both_ways(place, ada) == ["inside"]


def test_a_posix_group_names_its_members_by_what_they_sign_in_with(place: Place):
    ada = place.person("ada")
    place.add(f"cn=ops,{place.groups}", objectClass="posixGroup", gidNumber=7, memberUid=["ada", "bob"])
    place.add(f"cn=no,{place.groups}", objectClass="posixGroup", gidNumber=8, memberUid=["ad*", "bob"])
    changes = {"groupFilter": "(objectClass=posixGroup)", "memberAttribute": "memberUid"}
    assert both_ways(place, ada, **changes) == ["ops"]


@pytest.mark.parametrize("uid", ["a*da", "a(da)", "a\\da", "a,da=x", "Łukasz", "a#da", ' "ada" ', "a;da<b>+c"])
def test_names_with_signs_that_mean_something_are_only_names(place: Place, uid: str):
    from ldap.dn import escape_dn_chars

    dn = f"cn={escape_dn_chars(uid)},{place.people}"
    place.add(dn, objectClass="inetOrgPerson", cn=uid, sn="x", uid="plain")
    place.person("other")
    place.group("one", dn)
    assert both_ways(place, dn) == ["one"]


def test_the_same_name_in_another_writing_is_the_same():
    assert normal_dn("CN=Ada Ant, OU=People,DC=Acme,DC=test") == normal_dn("cn=ada ant,ou=people,dc=acme,dc=TEST")
    assert normal_dn("cn=a\\2cb,dc=x") == normal_dn("CN=A\\,B,DC=x")
    assert normal_dn("cn=a\\,ou=b,dc=x") != normal_dn("cn=a,ou=b,dc=x")
    assert normal_dn("no name at all") == "no name at all"


def test_the_primary_group_of_active_directory_is_one_with_what_it_is_in(place: Place):
    ada = place.person(
        "ada", objectClass=["inetOrgPerson", "ofActiveDirectory"], objectSid=f"{DOMAIN}-1104", primaryGroupID=1200
    )
    classes = ["groupOfNames", "ofActiveDirectory"]
    staff = place.add(f"cn=staff,{place.groups}", objectClass=classes, member=READER, objectSid=f"{DOMAIN}-1200")
    place.add(f"cn=others,{place.groups}", objectClass=classes, member=READER, objectSid=f"{DOMAIN}-120")
    place.group("company", staff)
    place.group("platform", ada)
    assert both_ways(place, ada) == ["company", "platform", "staff"]
    assert both_ways(place, ada, nesting="NONE") == ["platform", "staff"]
    elsewhere = "(!(cn=staff))"
    assert both_ways(place, ada, groupFilter=elsewhere) == ["platform"], "it is no group of ours"


@pytest.mark.parametrize(
    ("sid", "number"),
    [
        ("", "513"),
        ("S-1-5-21-1-2-3-1104", ""),
        ("S-1-5-21-1-2-3-1104", "5)(cn=*"),
        ("*)(cn=*-1", "513"),
        ("S-1-5", "٣"),
    ],
)
def test_no_primary_group_is_made_of_what_is_no_id(sid: str, number: str):
    told = {"objectSid": [sid.encode()], "primaryGroupID": [number.encode()]}
    assert primary_group(Entry("CN=a,DC=x", told)) == ""


class Ranged(Directory):
    """As Active Directory tells a group of more than 1,500: by parts."""

    def __init__(self, count: int) -> None:
        self.members = [f"CN=u{number},DC=x".encode() for number in range(count)]
        self.asked: list[str] = []

    def read(self, dn: str, attributes: Sequence[str], filters: str = "") -> Entry | None:
        (wanted,) = attributes
        self.asked.append(wanted)
        start = int(wanted.partition("range=")[2].partition("-")[0])
        part = self.members[start : start + 1500]
        end = "*" if start + 1500 >= len(self.members) else str(start + 1499)
        return Entry(dn, {f"member;range={start}-{end}": part})


def test_members_that_are_told_in_parts_are_all_there():
    directory = Ranged(4_000)
    first = Entry("CN=g,DC=x", {"member": [], "member;range=0-1499": directory.members[:1500]})
    assert len(directory.all_texts(first, "MEMBER")) == 4_000
    assert directory.asked == ["MEMBER;range=1500-*", "MEMBER;range=3000-*"]


def test_an_id_of_active_directory_is_written_as_its_tools_write_it():
    raw = bytes.fromhex("d8ee51a0b1c2d3e4f5061728394a5b6c")
    entry = Entry("CN=a,DC=x", {"objectGUID": [raw], "Photo": [b"\xff\xd8"], "mail": [b"a@x.test", b"b\x00d"]})
    assert entry.first("objectguid") == "a051eed8-c2b1-e4d3-f506-1728394a5b6c"
    sid = Entry(
        "CN=a,DC=x", {"objectSid": [bytes.fromhex("010500000000000515000000010000000200000003000000" + "01020000")]}
    )
    assert sid.first("objectSID") == "S-1-5-21-1-2-3-513"
    assert entry.texts("photo") == [] and entry.texts("MAIL") == ["a@x.test"] and entry.first("sn") == ""
