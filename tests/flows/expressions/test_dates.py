import random
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.expressions import Environment, EvaluationError, ExpressionError
from flows.expressions.dates.spelling import Zoned
from flows.expressions.dates.zones import zone
from tests.flows.expressions.showing import show

WINTER = datetime(2024, 1, 5, 9, 7, 3, 45_600, tzinfo=ZoneInfo("Europe/Paris"))
EVENING = datetime(2024, 12, 31, 23, 5, tzinfo=UTC)


def written(pattern, at=WINTER, **more):
    arguments = "".join(f", {name}='{text}'" for name, text in {"timeZone": "Europe/Paris", **more}.items())
    return show("{{ at | date(pattern" + arguments + ") }}", at=at, pattern=pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy-MM-dd", "2024-01-05"),
        ("yy/M/d", "24/1/5"),
        ("uuuu", "2024"),
        ("y", "2024"),
        ("G GGGG GGGGG", "AD Anno Domini A"),
        ("MMM MMMM MMMMM", "Jan January J"),
        ("LLL LLLL LL", "Jan January 01"),
        ("E EEE EEEE EEEEE", "Fri Fri Friday F"),
        ("e ee eeee c", "6 06 Friday 6"),
        ("D DDD", "5 005"),
        ("Q QQ QQQ QQQQ QQQQQ", "1 01 Q1 1st quarter 1"),
        ("YYYY-'W'ww", "2024-W01"),
        ("YY W F", "24 1 1"),
        ("HH:mm:ss", "09:07:03"),
        ("H:m:s", "9:7:3"),
        ("hh K k", "09 9 9"),
        ("a B", "AM in the morning"),
        ("S SSS SSSSSS SSSSSSSSS", "0 045 045600 045600000"),
        ("A n N", "32823045 45600000 32823045600000"),
        ("X XX XXX XXXX XXXXX", "+01 +0100 +01:00 +0100 +01:00"),
        ("x xx xxx", "+01 +0100 +01:00"),
        ("Z ZZZ ZZZZ ZZZZZ", "+0100 +0100 GMT+01:00 +01:00"),
        ("O OOOO", "GMT+1 GMT+01:00"),
        ("VV", "Europe/Paris"),
        ("z v", "CET CET"),
        ("'at' ''yyyy'' 'o''clock'", "at 'yyyy' o'clock".replace("yyyy", "2024")),
        ("yyyy[-MM]", "2024-01"),
        ("pppH", "  9"),
        ("iso", "2024-01-05T09:07:03.045600+01:00"),
        ("iso_sec", "2024-01-05T09:07:03+01:00"),
        ("sql", "2024-01-05 09:07:03.045600"),
        ("sql_seq", "2024-01-05 09:07:03"),
        ("iso_date_time", "2024-01-05T09:07:03.0456+01:00[Europe/Paris]"),
        ("iso_zoned_date_time", "2024-01-05T09:07:03.0456+01:00[Europe/Paris]"),
        ("iso_offset_date_time", "2024-01-05T09:07:03.0456+01:00"),
        ("iso_local_date_time", "2024-01-05T09:07:03.0456"),
        ("iso_date", "2024-01-05+01:00"),
        ("iso_local_date", "2024-01-05"),
        ("iso_offset_date", "2024-01-05+01:00"),
        ("iso_time", "09:07:03.0456+01:00"),
        ("iso_local_time", "09:07:03.0456"),
        ("iso_offset_time", "09:07:03.0456+01:00"),
        ("iso_instant", "2024-01-05T08:07:03.045600Z"),
        ("iso_ordinal_date", "2024-005+01:00"),
        ("iso_week_date", "2024-W01-5+01:00"),
        ("basic_iso_date", "20240105+0100"),
        ("rfc_1123_date_time", "Fri, 5 Jan 2024 09:07:03 +0100"),
        ("short", "1/5/24, 9:07\u202fAM"),
        ("medium", "Jan 5, 2024, 9:07:03\u202fAM"),
        ("long", "January 5, 2024, 9:07:03\u202fAM CET"),
        ("full", "Friday, January 5, 2024, 9:07:03\u202fAM Central European Standard Time"),
    ],
)
def test_a_moment_is_written_by_a_pattern(pattern, expected):
    assert written(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("hh:mm a B", "11:05 PM at night"),
        ("X XXX x xxx Z O", "Z Z +00 +00:00 +0000 GMT"),
        ("ZZZZZ ZZZZ", "Z GMT"),
        ("VV z zzzz", "UTC UTC Coordinated Universal Time"),
        ("YYYY-ww e", "2025-01 3"),
        ("Q D", "4 366"),
        ("iso_instant", "2024-12-31T23:05:00Z"),
        ("rfc_1123_date_time", "Tue, 31 Dec 2024 23:05:00 GMT"),
    ],
)
def test_a_moment_in_utc_is_written_by_a_pattern(pattern, expected):
    assert written(pattern, EVENING, timeZone="UTC") == expected


@pytest.mark.parametrize(
    ("hour", "period"), [(3, "in the morning"), (22, "at night"), (15, "in the afternoon"), (19, "in the evening")]
)
def test_the_day_has_periods(hour, period):
    assert written("B", EVENING.replace(hour=hour), timeZone="UTC") == period


@pytest.mark.parametrize(
    ("locale", "pattern", "expected"),
    [
        ("fr", "EEEE d MMMM yyyy", "vendredi 5 janvier 2024"),
        ("fr-FR", "MMM", "janv."),
        ("de_DE", "EEEE, d. MMMM", "Freitag, 5. Januar"),
        ("es", "EEEE MMMM", "viernes enero"),
        ("it", "EEE MMM", "ven gen"),
        ("pt", "MMMM", "janeiro"),
        ("nl", "EEEE", "vrijdag"),
        ("pl", "d MMMM", "5 stycznia"),
        ("sv", "EEE a", "fre fm"),
        ("xx", "EEEE", "Friday"),
        ("fr", "short", "05/01/2024 09:07"),
        ("de", "medium", "05.01.2024, 09:07:03"),
    ],
)
def test_names_follow_the_language(locale, pattern, expected):
    assert written(pattern, locale=locale) == expected


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("July 24, 2001", "MMMM dd, yyyy", "2001-07-24T00:00:00.000000+02:00"),
        ("08.09.2013", "dd.MM.yyyy", "2013-09-08T00:00:00.000000+02:00"),
        ("2013-July-4", "yyyy-MMMM-d", "2013-07-04T00:00:00.000000+02:00"),
        ("20130908171912", "yyyyMMddHHmmss", "2013-09-08T17:19:12.000000+02:00"),
        ("8/9/13 5:04 PM", "d/M/yy h:mm a", "2013-09-08T17:04:00.000000+02:00"),
        ("8/9/13 12:04 am", "d/M/yy h:mm a", "2013-09-08T00:04:00.000000+02:00"),
        ("Sun 8 Sep 2013", "EEE d MMM yyyy", "2013-09-08T00:00:00.000000+02:00"),
        ("2013-09-08T17:19:12+0000", "yyyy-MM-dd'T'HH:mm:ssXX", "2013-09-08T19:19:12.000000+02:00"),
        ("2013-09-08 17:19 America/New_York", "yyyy-MM-dd HH:mm VV", "2013-09-08T23:19:00.000000+02:00"),
        ("2013-09-08", "yyyy-MM-dd[ HH:mm]", "2013-09-08T00:00:00.000000+02:00"),
        ("2013-251", "yyyy-DDD", "2013-09-08T00:00:00.000000+02:00"),
        ("2013-09-08 24", "yyyy-MM-dd kk", "2013-09-08T00:00:00.000000+02:00"),
        ("2013-09-08 1.5", "yyyy-MM-dd s.S", "2013-09-08T00:00:01.500000+02:00"),
        ("2013-09-08 1500000", "yyyy-MM-dd n", "2013-09-08T00:00:00.001500+02:00"),
        ("2013-09-08 3 PM", "yyyy-MM-dd K a", "2013-09-08T15:00:00.000000+02:00"),
        ("2013-09-08T17:19:12", "iso", "2013-09-08T17:19:12.000000+02:00"),
        ("2013-09-08", "iso_local_date", "2013-09-08T00:00:00.000000+02:00"),
        ("2013-09-08 17:19:12.5", "sql", "2013-09-08T17:19:12.500000+02:00"),
        ("20130908Z", "basic_iso_date", "2013-09-08T00:00:00.000000+02:00"),
    ],
)
def test_a_date_is_read_by_a_pattern(text, pattern, expected):
    read = show("{{ t | date(existingFormat=p, timeZone='Europe/Paris') }}", t=text, p=pattern)
    assert read == expected


def test_names_are_read_in_their_language():
    template = "{{ '14 juillet 2024' | date('yyyy-MM-dd', existingFormat='d MMMM yyyy', locale='fr') }}"
    assert show(template) == "2024-07-14"
    assert show("{{ '3 maj 2024' | date('MM', existingFormat='d MMMM yyyy', locale='sv') }}") == "05"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2013-09-08T17:19:12+02:00", "2013-09-08T15:19:12.000000Z"),
        ("2013-09-08T17:19:12.123456789Z", "2013-09-08T17:19:12.123456Z"),
        ("2013-09-08 17:19", "2013-09-08T17:19:00.000000Z"),
        ("2013-09-08T17:19:12+02:00[Europe/Paris]", "2013-09-08T15:19:12.000000Z"),
        ("2013-09-08", "2013-09-08T00:00:00.000000Z"),
        ("Tue, 08 Feb 2022 19:38:26 GMT", "2022-02-08T19:38:26.000000Z"),
        ("Tue, 08 Feb 2022 19:38:26 +0100", "2022-02-08T18:38:26.000000Z"),
        (1378653552, "2013-09-08T15:19:12.000000Z"),
        (1378653552.5, "2013-09-08T15:19:12.500000Z"),
        (1378653552123, "2013-09-08T15:19:12.123000Z"),
        (date(2013, 9, 8), "2013-09-08T12:00:00.000000Z"),
        (datetime(2013, 9, 8, 1), "2013-09-08T01:00:00.000000Z"),
        (WINTER, "2024-01-05T08:07:03.045600Z"),
    ],
)
def test_many_values_are_dates(given, expected):
    assert show("{{ v | date }}", v=given) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 'soon' | date }}", "not a date that can be read"),
        ("{{ 'Xyz, 99 Foo' | date }}", "not a date that can be read"),
        ("{{ true | date }}", "A bool is not a date"),
        ("{{ {} | date }}", "A dict is not a date"),
        ("{{ '2024-13-01' | date }}", "not a date that exists"),
        ("{{ 1e20 | date }}", "Expected"),
        ("{{ (100000000000000 * 10000000) | date }}", "too large for a date"),
        ("{{ '2024-01-01' | date(1) }}", "The argument `format` must be a text"),
        ("{{ '2024-01-01' | date('b') }}", "`b` is no field"),
        ("{{ '2024-01-01' | date('{') }}", "`{` is reserved"),
        ("{{ '2024-01-01' | date(']') }}", "it has a `]` without `[`"),
        ("{{ '2024-01-01' | date(\"'x\") }}", "a quoted text is never closed"),
        ("{{ '2024-01-01' | date('p') }}", "`p` must be followed by a field"),
        ("{{ '2024-01-01' | date('pyyyy') }}", "wider than the 1 places"),
        ("{{ '2024-01-01' | date('" + "y" * 20 + "') }}", "stands more than 19 times"),
        ("{{ '2024-01-01' | date('" + "[" * 30 + "') }}", "it nests too deep"),
        ("{{ '2024-01-01' | date(timeZone='Mars/Base') }}", "Unknown time zone `Mars/Base`"),
        ("{{ '2024-01-01' | date(timeZone='+19:00') }}", "Unknown time zone `+19:00`"),
        ("{{ 'x' | date(existingFormat='yyyy') }}", "not a date of the format `yyyy`"),
        ("{{ '12' | date(existingFormat='MM') }}", "names no year"),
        ("{{ '2024-02-32' | date(existingFormat='yyyy-MM-dd') }}", "not a date that exists"),
        ("{{ '2024' | date(existingFormat='short') }}", "give its pattern"),
        ("{{ '2024' | date(existingFormat='yyyyG') }}", "cannot be read by the field `G`"),
        ("{{ '9999-12-31' | dateAdd(1, 'DAYS') }}", "outside the years"),
        ("{{ '2024-01-01' | dateAdd(1, 'EONS') }}", "The argument `unit` must be one of"),
        ("{{ '2024-01-01' | dateAdd('1', 'DAYS') }}", "The argument `amount` must be a number"),
    ],
)
def test_a_date_that_makes_no_sense_is_an_error(template, message):
    with pytest.raises(ExpressionError) as caught:
        show(template)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (-1, "DAYS", "2024-01-30T10:00:00.000000Z"),
        (1, "MONTHS", "2024-02-29T10:00:00.000000Z"),
        (-11, "MONTHS", "2023-02-28T10:00:00.000000Z"),
        (1, "YEARS", "2025-01-31T10:00:00.000000Z"),
        (1, "DECADES", "2034-01-31T10:00:00.000000Z"),
        (2, "WEEKS", "2024-02-14T10:00:00.000000Z"),
        (15, "hours", "2024-02-01T01:00:00.000000Z"),
        (-90, "MINUTES", "2024-01-31T08:30:00.000000Z"),
        (1, "SECONDS", "2024-01-31T10:00:01.000000Z"),
        (1500, "MILLIS", "2024-01-31T10:00:01.500000Z"),
        (1, "MICROS", "2024-01-31T10:00:00.000001Z"),
        (2500, "NANOS", "2024-01-31T10:00:00.000002Z"),
        (1, "HALF_DAYS", "2024-01-31T22:00:00.000000Z"),
    ],
)
def test_a_date_is_moved(amount, unit, expected):
    assert show("{{ '2024-01-31T10:00:00Z' | dateAdd(a, u) }}", a=amount, u=unit) == expected


def test_a_day_is_not_always_24_hours():
    before = "{{ '2024-03-30T12:00:00' | dateAdd(1, u, timeZone='Europe/Paris') }}"
    assert show(before, u="DAYS") == "2024-03-31T12:00:00.000000+02:00"
    assert show(before.replace("(1,", "(24,"), u="HOURS") == "2024-03-31T13:00:00.000000+02:00"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("timestamp", "1704442023"),
        ("timestampMilli", "1704442023045"),
        ("timestampMicro", "1704442023045600"),
        ("timestampNano", "1704442023045600000"),
    ],
)
def test_a_date_is_counted_from_1970(name, expected):
    assert show("{{ at | " + name + " }}", at=WINTER) == expected


def test_timestamps_take_the_arguments_of_date():
    assert show("{{ '2024-01-05 01' | timestamp(existingFormat='yyyy-MM-dd HH', timeZone='+01:00') }}") == "1704412800"


def test_the_older_figure_of_microseconds_can_be_kept():
    env = Environment(legacy_timestamp_micro=True)
    assert show("{{ at | timestampMicro }}", env, at=WINTER) == "1704442023000045600"


@pytest.mark.parametrize("name", ["date", "timestamp", "timestampMilli", "timestampMicro", "timestampNano"])
def test_null_has_no_date(name):
    assert show("{{ null | " + name + " }}") == ""
    assert show("{{ null | dateAdd(1, 'DAYS') }}") == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (datetime(2013, 9, 8, 15, 19, 12, 123456, UTC), "2013-09-08T15:19:12.123456Z"),
        (datetime(2013, 9, 8, 15, 19, 12, 120000, UTC), "2013-09-08T15:19:12.120Z"),
        (datetime(2013, 9, 8, 15, 19, tzinfo=UTC), "2013-09-08T15:19:00Z"),
        (datetime(2013, 9, 8, 16, 19, tzinfo=timezone(timedelta(hours=2))), "2013-09-08T16:19+02:00"),
        (Zoned(2013, 9, 8, 16, 19, tzinfo=UTC), "2013-09-08T16:19Z"),
        (datetime(2013, 9, 8, 16, 19, 1, tzinfo=ZoneInfo("Europe/Paris")), "2013-09-08T16:19:01+02:00[Europe/Paris]"),
        (datetime(2013, 9, 8, 16, 19), "2013-09-08T16:19"),
        (date(2013, 9, 8), "2013-09-08"),
        (time(16, 19), "16:19"),
        (time(16, 19, 5, 1000), "16:19:05.001"),
        (timedelta(hours=49, minutes=5, seconds=6, milliseconds=500), "PT49H5M6.5S"),
        (timedelta(0), "PT0S"),
        (timedelta(minutes=-5), "PT-5M"),
        (timedelta(seconds=-1.5), "PT-1.5S"),
    ],
)
def test_moments_print_as_in_java(given, expected):
    assert show("{{ v }}", v=given) == expected


def test_moments_in_json_keep_their_seconds():
    assert show("{{ [v] }}", v=Zoned(2013, 9, 8, 16, 19, tzinfo=UTC)) == '["2013-09-08T16:19:00.000000Z"]'
    assert show("{{ [v] }}", v=datetime(2013, 9, 8, 16, 19)) == '["2013-09-08T16:19:00"]'
    assert show("{{ [v] }}", v=timedelta(minutes=5)) == "[300.000000000]"


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_a_moment_that_was_written_is_read_back(moment):
    template = "{{ v | date('yyyy-MM-dd HH:mm:ss.SSSSSS XXX') | date('iso', existingFormat='yyyy-MM-dd HH:mm:ss.SSSSSS XXX') }}"
    assert show(template, v=moment) == show("{{ v | date }}", v=moment)


@pytest.mark.parametrize(("name", "offset"), [("Z", 0), ("UTC+2", 2), ("-03:30", -3.5), ("EST", -5), ("+01", 1)])
def test_zones_have_names_and_offsets(name, offset):
    assert datetime(2024, 1, 1, tzinfo=zone(name)).utcoffset() == timedelta(hours=offset)


def test_an_offset_may_have_seconds():
    assert written("XXXXX", timeZone="+01:02:03") == "+01:02:03"
    assert show("{{ at }}", at=datetime(2024, 1, 1, tzinfo=zone("+01:02:03"))) == "2024-01-01T00:00+01:02:03"


def fixed(**more):
    return Environment(clock=lambda: EVENING, random=random.Random(1), **more)


def test_now_is_what_the_clock_says():
    assert show("{{ now() }}", fixed()) == "2024-12-31T23:05:00.000000Z"
    assert show("{{ now() }}", fixed(timezone="Asia/Kolkata")) == "2025-01-01T04:35:00.000000+05:30"
    assert show("{{ now(timeZone='Europe/Paris') }}", fixed()) == "2025-01-01T00:05:00.000000+01:00"
    assert show("{{ now(format='iso_local_date') }}", fixed()) == "2024-12-31"
    assert show("{{ now('MMMM', locale='fr') }}", fixed()) == "décembre"
    assert show("{{ ('2024-01-01' | timestamp) < (now() | timestamp) }}", fixed()) == "true"
    assert show("{{ now() | date('EEEE') }}", fixed(locale="de")) == "Dienstag"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("isWeekend('2024-06-01')", "true"),
        ("isWeekend('2024-06-03')", "false"),
        ("isWeekend('2024-06-02T23:30:00Z', 'Europe/Paris')", "false"),
        ("isWeekend('2024-06-03T00:30:00+02:00')", "false"),
        ("isPublicHoliday('2024-07-04', 'US')", "true"),
        ("isPublicHoliday('2024-07-05', 'us')", "false"),
        ("isPublicHoliday('2024-01-06', 'DE', 'DE-BY')", "true"),
        ("isPublicHoliday('2024-01-06', 'DE')", "false"),
        ("isDayWeekInMonth('2024-06-03', 'MONDAY', 'FIRST')", "true"),
        ("isDayWeekInMonth('2024-06-10', 'monday', 'second')", "true"),
        ("isDayWeekInMonth('2024-06-24', 'MONDAY', 'LAST')", "true"),
        ("isDayWeekInMonth('2024-06-17', 'MONDAY', 'LAST')", "false"),
        ("isDayWeekInMonth('2024-06-04', 'MONDAY', 'FIRST')", "false"),
        ("dayOfWeek('2024-06-03')", "MONDAY"),
        ("dayOfMonth('2024-06-30')", "30"),
        ("monthOfYear('2024-06-30')", "6"),
        ("hourOfDay('2024-06-30T13:59:00Z')", "13"),
        ("hourOfDay('2024-06-30T13:59:00+02:00')", "13"),
        ("hourOfDay('2024-06-30T13:59:00Z', 'Europe/Paris')", "15"),
        ("hourOfDay(at)", "9"),
        ("hourOfDay(utc)", "23"),
    ],
)
def test_the_calendar_answers(expression, expected):
    assert show("{{ " + expression + " }}", at=WINTER, utc=EVENING) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "isPublicHoliday('2024-07-04', 'XX')",
        "isPublicHoliday('2024-07-04', 'DE', 'XX')",
        "isPublicHoliday('2024-07-04', 1)",
        "isDayWeekInMonth('2024-06-03', 'MOONDAY', 'FIRST')",
        "isDayWeekInMonth('2024-06-03', 'MONDAY', 'FIFTH')",
        "dayOfWeek('never')",
    ],
)
def test_the_calendar_refuses_what_it_does_not_know(expression):
    with pytest.raises(EvaluationError):
        show("{{ " + expression + " }}")
