"""What time zones are called in the language of a locale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flows.expressions.dates.names import Names
from flows.expressions.dates.zones import offset_parts, offset_text, zone_id

NONE = "∅∅∅"
# Zones that are called by their rule: the data name them nowhere.
BY_RULE = {
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
}


def zone_name(moment: datetime, names: Names, *, is_long: bool, is_generic: bool = False) -> str:
    """`CEST` or `Central European Summer Time`; `generic` is the name for summer and winter alike."""
    if not isinstance(moment.tzinfo, ZoneInfo):
        return zone_id(moment) or offset_text(moment)
    variant = "generic" if is_generic else "daylight" if moment.dst() else "standard"
    variants = [variant, "standard"] if is_generic else [variant]
    for each in variants:
        found = _known(moment.tzinfo.key, "long" if is_long else "short", each, names)
        if found:
            return found
    return gmt(moment) if is_long else _abbreviation(moment, is_generic)


def _known(key: str, width: str, variant: str, names: Names) -> str | None:
    """What the locale says itself: of the zone, or of the group of zones that share their names."""
    from babel.core import get_global

    canonical = BY_RULE.get(key) or str(get_global("zone_aliases").get(key, key))
    group = str(get_global("meta_zones").get(canonical, ""))
    for table, name in ((names.locale.time_zones, canonical), (names.locale.meta_zones, group)):
        found: Mapping[str, Any] = table.get(name, {})
        word = found.get(width, {}).get(variant)
        if word and word != NONE:
            return str(word)
    return None


def _abbreviation(moment: datetime, is_generic: bool) -> str:
    """The letters that the tz database has for the zone, where it has letters."""
    name = (_in_winter(moment) if is_generic else moment).tzname() or ""
    return name if name.isalpha() else gmt(moment)


def _in_winter(moment: datetime) -> datetime:
    halves = [moment.replace(month=month, day=1) for month in (1, 7)]
    return next((each for each in halves if not each.dst()), moment)


def gmt(moment: datetime) -> str:
    """`GMT+05:45`."""
    sign, hours, minutes, _ = offset_parts(moment)
    return f"GMT{sign}{hours:02d}:{minutes:02d}" if moment.utcoffset() != timedelta() else "GMT"
