"""Where a job waits: which line serves those who ask for a group or for tags."""

from __future__ import annotations

from plugins.contracts.worker_selectors import WantedWorkers
from workers.queue.lines import UNROUTED
from workers.queue.routing import Fleet, KnownLine, Route


def line(key: str, *tags: str, served: bool = True, tenants: tuple[str, ...] = ()) -> KnownLine:
    return KnownLine(key, frozenset(tags), frozenset(tenants), (key,), served)


def fleet(*lines: KnownLine) -> Fleet:
    return Fleet({each.key: each for each in lines})


def chosen(known: Fleet, *tags: str, any_of: bool = False, tenant: str = "acme") -> str | None:
    found = known.choose(tenant, WantedWorkers(tags=tags, matches_any=any_of))
    return found.key if found else None


def test_all_tags_must_be_there_or_any() -> None:
    known = fleet(line("queue:a", "gpu"), line("queue:b", "gpu", "eu"))
    assert chosen(known, "gpu", "eu") == "queue:b"
    assert chosen(known, "gpu", "us") is None
    assert chosen(known, "us", "eu", any_of=True) == "queue:b"


def test_of_several_the_served_one_with_the_fewest_tags_is_taken() -> None:
    known = fleet(line("queue:a", "gpu", served=False), line("queue:b", "gpu", "eu"), line("queue:c", "gpu", "eu", "x"))
    assert chosen(known, "gpu") == "queue:b"


def test_a_line_without_tags_is_never_chosen_by_any() -> None:
    assert chosen(fleet(line("default"), line("gpu")), "gpu") is None


def test_a_line_that_is_kept_for_others_is_not_there() -> None:
    known = fleet(line("queue:a", "gpu", tenants=("globex",)), line("site", tenants=("globex",)))
    assert chosen(known, "gpu") is None
    assert known.choose("acme", WantedWorkers("site")) is None
    assert chosen(known, "gpu", tenant="globex") == "queue:a"
    assert (known.tags("acme"), known.tags("globex")) == ([], ["gpu"])


def test_a_line_that_nobody_knows_wakes_its_group_alone() -> None:
    assert fleet().groups_of("default") == ("default",)
    assert fleet().groups_of("site") == ("site",)
    assert fleet().groups_of(UNROUTED) == ()


def test_a_route_waits_unless_it_says_otherwise() -> None:
    assert Route("default").fallback == ""
