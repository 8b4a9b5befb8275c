"""A path that a caller gives never leads out of the place it was given for."""

import pytest

from stores.storage import keys

PREFIX = "acme/company/team/report/executions/e1/"

# Ways to step elsewhere, to hide a step, or to name something that is no plain file.
TRAVERSALS = [
    "..",
    "../x",
    "a/../../x",
    "a/..",
    "./x",
    "a/./x",
    ".",
    "...",
    ". .",
    " ..",
    ".. ",
    "a/ ../x",
    "..\\x",
    "a\\..\\x",
    "\\\\server\\share",
    "C:\\windows",
    "a//x",
    "//x",
    "a/",
    "",
    "/",
    "\x00",
    "a\x00.txt",
    "a\nb",
    "a\rb",
    "a\tb",
    "\x7f",
    "\u202e.txt",
    "a\u200b",
    "\ufeffa",
    "a\u2028b",
    "\udc80",
    "name.",
    "name ",
    " name",
    "x" * 256,
    "é" * 128,
    "a/" * 600 + "a",
]

ADDRESSES = [
    "",
    "kestra://",
    "kestra:",
    "kestra:/a",
    "kestra://host/a",
    "kestra:///",
    "kestra:////a",
    "kestra:///a//b",
    "kestra:///a/../b",
    "kestra:///../other/file",
    "kestra:///%2e%2e/x",
    "kestra:///%2E%2E%2Fx",
    "kestra:///a/%2e%2e/%2e%2e/x",
    "kestra:///a/.%2e/x",
    "kestra:///a/%2e./x",
    "kestra:///a%2f..%2fx",
    "kestra:///a%5c..%5cx",
    "kestra:///a\\..\\x",
    "kestra:///%00",
    "kestra:///a%00.txt",
    "kestra:///a%0ab",
    "kestra:///%ff%fe",
    "kestra:///%c0%ae%c0%ae/x",
    "kestra:///%e0%80%ae/x",
    "kestra:///%ed%a0%80",
    "kestra:///a?b",
    "kestra:///a#b",
    "kestra:///a b\n",
    "KESTRA:///a",
    "file:///etc/passwd",
    "nsfile:///a",
    "/etc/passwd",
    "../../etc/passwd",
    "http://169.254.169.254/",
    "kestra:///" + "a/" * 3000,
]

PLAIN = [
    "a",
    "a.csv",
    "a/b/c.txt",
    ".hidden",
    "..a",
    "a..b",
    "~",
    "~root",
    "con",
    "aux.txt",
    "-rf",
    "a b",
    "$HOME",
    "%2e%2e",
    "%2e%2e%2fx",
    "*.csv",
    "日本.txt",
    "o'brien",
]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_names_that_step_elsewhere_are_refused(name):
    with pytest.raises(keys.BadAddress):
        keys.task_file_key(PREFIX, "task", "run", name)
    with pytest.raises(keys.BadAddress):
        keys.namespace_file_key("acme", "company.team", "x/" + name if name not in ("", "/") else name)


@pytest.mark.parametrize("uri", ADDRESSES)
def test_addresses_that_are_none_are_refused(uri):
    with pytest.raises(keys.BadAddress):
        keys.key_of("acme", uri)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_names_keep_their_place_and_come_back_from_their_address(name):
    key = keys.task_file_key(PREFIX, "task", "run", name)
    assert key == f"{PREFIX}tasks/task/run/{name}"
    assert keys.key_of("acme", keys.uri_of(key)) == key
    assert keys.is_below(key, PREFIX)


def test_an_address_names_no_tenant_and_means_the_callers():
    key = keys.input_key(PREFIX, "source", "orders.csv")
    uri = keys.uri_of(key)
    assert uri == "kestra:///company/team/report/executions/e1/inputs/source/orders.csv"
    assert keys.key_of("globex", uri) == "globex/company/team/report/executions/e1/inputs/source/orders.csv"


@pytest.mark.parametrize("tenant", ["", "..", "a/b", "A", "a.b", "../x", "a" * 101, "_x", "a\n"])
def test_what_is_no_tenant_is_refused(tenant):
    with pytest.raises(keys.BadAddress):
        keys.tenant_prefix(tenant)


def test_prefixes_end_where_a_name_ends():
    one = keys.execution_prefix("acme", "company", "report", "e1")
    ten = keys.execution_prefix("acme", "company", "report", "e10")
    assert not keys.is_below(ten + "x", one)
    assert one == "acme/company/report/executions/e1/"


def test_composed_and_decomposed_names_are_one():
    assert keys.namespace_file_key("acme", "a", "/é.txt") == keys.namespace_file_key("acme", "a", "e\u0301.txt")


def test_namespaces_with_odd_dots_are_refused():
    for namespace in ("", ".", "a..b", ".a", "a.", "a/b"):
        with pytest.raises(keys.BadAddress):
            keys.namespace_files_prefix("acme", namespace)


def test_states_belong_to_a_flow_or_to_its_namespace():
    assert keys.state_key("acme", "a.b", "flow", "default", None) == "acme/a/b/flow/_states/default"
    assert keys.state_key("acme", "a.b", None, "default", "v") == "acme/a/b/_states/v/default"


ID = "3Qn1Zc0Yg9qXo0h8xT2bLk"


@pytest.mark.parametrize(
    ("key", "folder", "content"),
    [
        (f"acme/prod/data/hello/executions/{ID}/inputs/a", (f"acme/prod/data/hello/executions/{ID}/", ID), None),
        (f"acme/prod/hello/executions/{ID}/tasks/a/b/_files/c", (f"acme/prod/hello/executions/{ID}/", ID), None),
        (f"acme/prod/data/_files/{ID}", None, ("prod.data", ID)),
        (f"acme/a/executions/b/_files/{ID}", None, ("a.executions.b", ID)),
        (f"acme/prod/_files/executions/{ID}/a", None, None),
        (f"acme/prod/hello/_caches/executions/{ID}/a", None, None),
        ("acme/prod/_states/a", None, None),
    ],
)
def test_a_key_tells_whose_it_is_whatever_users_call_their_files(
    key: str, folder: tuple[str, str] | None, content: tuple[str, str] | None
) -> None:
    assert (keys.execution_folder(key), keys.namespace_content(key)) == (folder, content)
