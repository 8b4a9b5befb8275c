"""Every plugin is found once, by all the names it has had."""

from types import ModuleType
from typing import ClassVar

import pytest

from plugins.catalog.old_names import renamed
from plugins.catalog.registry import (
    DuplicatePlugin,
    Registry,
    classes_of,
    discover,
    group_of,
    kind_of,
    name_of,
    registry,
    title_of,
)
from plugins.contracts import Condition, Runner, Task, Trigger

PAUSE = "io.kestra.plugin.core.flow.Pause"


class First(Task):
    """The first of its name. And more."""

    TYPE: ClassVar[str] = "test.First"
    ALIASES: ClassVar[tuple[str, ...]] = ("test.Old",)


class Second(Task):
    TYPE: ClassVar[str] = "test.First"


class Third(Task):
    TYPE: ClassVar[str] = "test.Third"
    ALIASES: ClassVar[tuple[str, ...]] = ("test.Old",)


def test_what_the_packages_hold_is_found_once_and_in_order():
    found = [plugin.TYPE for plugin in discover()]
    assert PAUSE in found
    assert len(found) == len(set(found))
    assert found == [plugin.TYPE for plugin in discover()]


def test_the_registry_is_built_once():
    assert registry() is registry()


@pytest.mark.parametrize("other", [Second, Third])
def test_two_owners_of_one_name_are_refused(other):
    with pytest.raises(DuplicatePlugin, match="is claimed by"):
        Registry().extended(First, other)


def test_the_same_class_may_be_added_twice():
    assert Registry().extended(First, First).task("test.First") is First


def test_extending_leaves_the_original_alone():
    original = Registry()
    original.extended(First)
    assert original.all() == []


def test_a_plugin_is_found_by_an_alias_which_is_told():
    found = Registry().extended(First).find("test.Old")
    assert found.plugin is First
    assert found.replaces == "test.Old"
    assert Registry().extended(First).find("test.First").replaces is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("io.kestra.core.tasks.flows.Pause", "io.kestra.plugin.core.flow.Pause"),
        ("io.kestra.core.tasks.log.Log", "io.kestra.plugin.core.log.Log"),
        ("io.kestra.core.tasks.debugs.Return", "io.kestra.plugin.core.debug.Return"),
        ("io.kestra.core.tasks.storages.Split", "io.kestra.plugin.core.storage.Split"),
        ("io.kestra.core.models.triggers.types.Schedule", "io.kestra.plugin.core.trigger.Schedule"),
        ("io.kestra.core.models.conditions.types.NotCondition", "io.kestra.plugin.core.condition.Not"),
        (
            "io.kestra.core.models.conditions.types.MultipleCondition",
            "io.kestra.plugin.core.condition.MultipleCondition",
        ),
        ("io.kestra.plugin.core.condition.DayWeekCondition", "io.kestra.plugin.core.condition.DayWeek"),
        ("io.kestra.plugin.fs.http.Download", "io.kestra.plugin.core.http.Download"),
        ("io.kestra.plugin.core.log.Log", None),
        ("com.example.Task", None),
    ],
)
def test_a_name_of_an_earlier_generation_has_a_present_one(old, new):
    assert renamed(old) == new


@pytest.mark.parametrize(
    "old",
    [
        "io.kestra.core.models.conditions.types.FlowCondition",
        "io.kestra.core.models.conditions.types.VariableCondition",
        "io.kestra.plugin.core.condition.ExpressionCondition",
        "io.kestra.core.models.conditions.types.MultipleCondition",
        "io.kestra.core.models.triggers.types.Webhook",
    ],
)
def test_old_names_resolve(old):
    assert registry().find(old).replaces == old


def test_an_unknown_name_is_nobody():
    assert registry().find("com.example.Nothing") is None
    assert registry().find("io.kestra.core.tasks.flows.Nothing") is None
    assert registry().names_of("com.example.Nothing") == ("com.example.Nothing",)


def test_all_names_of_a_plugin_are_known():
    assert registry().names_of("io.kestra.core.tasks.flows.Pause") == (PAUSE, "io.kestra.core.tasks.flows.Pause")


def test_a_class_is_found_only_as_what_it_is():
    found = registry()
    schedule = "io.kestra.plugin.core.trigger.Schedule"
    assert found.task(PAUSE) is not None
    assert found.trigger(PAUSE) is None
    assert found.trigger(schedule) is not None
    assert found.task(schedule) is None
    assert found.condition("io.kestra.plugin.core.condition.Not") is not None
    assert found.runner("io.kestra.plugin.core.runner.Process") is None or issubclass(
        found.runner("io.kestra.plugin.core.runner.Process"), Runner
    )


def test_plugins_are_listed_by_kind():
    triggers = registry().all("trigger")
    assert triggers
    assert all(issubclass(trigger, Trigger) for trigger in triggers)
    assert [t.TYPE for t in triggers] == sorted(t.TYPE for t in triggers)
    assert set(triggers) < set(registry().all())


def test_a_plugin_has_a_kind_a_group_a_name_and_a_title():
    assert kind_of(First) == "task"
    assert kind_of(registry().condition("io.kestra.plugin.core.condition.Not")) == "condition"
    assert group_of(First) == "test"
    assert name_of(First) == "First"
    assert title_of(First) == "The first of its name. And more."
    assert title_of(Second) != ""


def test_only_classes_of_the_module_itself_count():
    module = ModuleType("somewhere")
    First.__module__, module.First = "elsewhere", First
    own = type("Own", (Condition,), {"TYPE": "test.Own", "__module__": "somewhere", "__annotations__": {}})
    base = type("Base", (Condition,), {"__module__": "somewhere", "__annotations__": {}})
    module.Own, module.Base, module.number = own, base, 1
    assert list(classes_of(module)) == [own]
    First.__module__ = __name__


class Entry:
    """An entry point of an installed package."""

    def __init__(self, name, loaded):
        self.name, self.value, self.loaded = name, f"package:{name}", loaded

    def load(self):
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


def test_installed_packages_bring_classes_or_modules_and_a_broken_one_breaks_nothing(monkeypatch, caplog):
    module = ModuleType("installed")
    module.Own = type("Own", (Task,), {"TYPE": "installed.Own", "__module__": "installed", "__annotations__": {}})
    entries = [Entry("b", module), Entry("a", First), Entry("c", ImportError("no such library"))]
    monkeypatch.setattr("plugins.catalog.registry.entry_points", lambda group: entries)
    assert [plugin.TYPE for plugin in discover()][-2:] == ["test.First", "installed.Own"]
    assert "the installed plugins c (package:c) cannot be imported" in caplog.text
