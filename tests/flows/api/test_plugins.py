"""Plugins over HTTP."""

import pytest
from jsonschema import Draft202012Validator

pytestmark = pytest.mark.django_db
PLUGINS = "/api/v1/plugins"
LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture
def get(cast):
    def fetch(path, status=200):
        answer = cast.vera.client.get(PLUGINS + path)
        assert answer.status_code == status, answer.content
        return answer.json()

    return fetch


def test_the_list_holds_every_group_at_once(get):
    listed = get("")
    assert listed["total"] == len(listed["results"]) > 5


def test_the_schema_of_a_flow_is_a_schema_and_knows_its_tasks(get):
    schema = get("/schemas/flow")
    Draft202012Validator.check_schema(schema)
    assert LOG in schema["$defs"]


def test_a_list_of_tasks_has_a_schema_too(get):
    schema = get("/schemas/task?arrayOf=true")
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "array"
    errors = Draft202012Validator(schema).iter_errors([{"id": "t", "type": LOG, "message": "m"}])
    assert list(errors) == []


def test_a_page_has_its_text_and_its_properties(get):
    page = get(f"/{LOG}")
    assert "# Log" in page["markdown"]
    assert "message" in page["schema"]["properties"]["properties"]


@pytest.mark.parametrize(
    ("kind", "names"), [("TASK", {"id", "type", "timeout"}), ("trigger", {"id", "type"}), ("FLOW", {"id", "tasks"})]
)
def test_the_properties_of_a_kind_are_a_schema(get, kind, names):
    schema = get(f"/properties/{kind}")
    assert schema["$schema"] and names <= schema["properties"].keys()
    assert "message" not in schema["properties"]
    Draft202012Validator.check_schema(schema)
    assert get("/properties/NOTHING") == {}


def test_an_old_name_finds_the_same_page(get):
    assert get("/io.kestra.core.tasks.log.Log") == get(f"/{LOG}")


def test_icons_are_pictures(get, cast):
    assert get(f"/icons/{LOG}")["icon"]["icon"]
    assert get("/icons")[LOG]["flowable"] is False
    assert cast.vera.client.get(f"{PLUGINS}/icons/{LOG}/icon.svg").headers["Content-Type"] == "image/svg+xml"


def test_input_types_and_their_properties(get):
    assert "STRING" in [each["type"] for each in get("/inputs")]
    assert "validator" in str(get("/inputs/STRING")["schema"])


@pytest.mark.parametrize("path", ["/no.such.Plugin", "/schemas/colour", "/inputs/COLOUR"])
def test_what_there_is_not_is_404(get, path):
    get(path, status=404)


def test_strangers_see_nothing(cast):
    assert cast.anonymous.get(PLUGINS).status_code == 401
