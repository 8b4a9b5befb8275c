"""Plugins as documentation."""

from xml.etree import ElementTree

from flows.plugin_docs.icons import icon_svg
from flows.plugin_docs.pages import plugin_groups, plugin_markdown, trigger_list
from plugins.catalog.registry import registry

LOG = "io.kestra.plugin.core.log.Log"


def test_every_plugin_is_listed_once_in_its_group():
    listed = [
        each["cls"]
        for group in plugin_groups()
        for kind in group.values()
        if isinstance(kind, list)
        for each in kind
        if isinstance(each, dict)
    ]
    assert len(listed) == len(set(listed))
    group = next(group for group in plugin_groups() if group["group"] == "io.kestra.plugin.core.log")
    assert LOG in [task["cls"] for task in group["tasks"]]


def test_a_page_shows_the_type_what_it_does_and_its_examples():
    page = plugin_markdown(registry().task(LOG))
    assert page.startswith("# Log\n")
    assert f"type: {LOG}" in page
    assert "## Example" in page and "namespace:" in page


def test_every_icon_is_a_picture_and_groups_have_their_own_colour():
    icons = {plugin.TYPE: icon_svg(plugin) for plugin in registry().all()}
    assert all(ElementTree.fromstring(icon).tag.endswith("svg") for icon in icons.values())
    assert len({icon.split("hsl(")[1].split(")")[0] for icon in icons.values()}) > 5


def test_triggers_are_listed_by_type():
    assert "io.kestra.plugin.core.trigger.Schedule" in [trigger["type"] for trigger in trigger_list()]
