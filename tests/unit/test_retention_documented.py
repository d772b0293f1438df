"""The table of what is kept for how long says what the rules do, and every number of days in it is one of a rule."""

import re
from functools import cache
from pathlib import Path

from tests.support.stack.retention import SERVICES, rules_of, settings_in_days

from practio_chassis.service import Service

_README = Path(__file__).parents[2] / "deploy" / "README.md"
_ROW = re.compile(r"^\| (?P<data>.+?) \| (?P<kept>.+?) \| (?P<setting>.*?) ?\| (?P<why>.+) \|$")
_NAME = re.compile(r"`(?:(?P<schema>rooms|membership|notifications)\.)?(?P<table>[a-z_]+)(?:\.[a-z_]+)?`")
_DAYS = re.compile(r"([\d,]+) days?")

WITHOUT_A_RULE = {
    "lot_person": "goes with its lot",
    "month_fixed": "is kept for good",
}
"""Tables beside others in a row about days."""

_TABLES = {table for service in SERVICES for table in service.metadata.tables}

Row = re.Match[str]


@cache
def documented() -> list[Row]:
    """Return the rows of the table that state days."""
    section = _README.read_text().split("\n## What is kept\n")[1].split("\n## ")[0]
    rows = (_ROW.match(line) for line in section.splitlines())
    return [row for row in rows if row and _DAYS.search(row["kept"])]


def days_in(row: Row) -> set[int]:
    return {int(number.replace(",", "")) for number in _DAYS.findall(row["kept"])}


def tables_in(row: Row) -> set[tuple[str | None, str]]:
    """Return the tables that a row names, with the schema if it says which."""
    return {(each["schema"], each["table"]) for each in _NAME.finditer(row["data"]) if each["table"] in _TABLES}


def settings_of(service: Service) -> list[str | None]:
    """Return the setting that decides how long each rule keeps rows, None if there is none."""
    found: list[str | None] = [None for _ in rules_of(service)]
    for name, days in settings_in_days(service).items():
        changed = days - 1 if name == "inbox_kept_days" else days + 1  # other texts outlast the inbox
        for number, (rule, other) in enumerate(
            zip(rules_of(service), rules_of(service, **{name: changed}), strict=True)
        ):
            if other.days != rule.days:
                found[number] = found[number] or f"PRACTIO_{name.upper()}"
    return found


def test_every_rule_is_documented_with_its_days_and_its_setting() -> None:
    missing = []
    for service in SERVICES:
        for rule, setting in zip(rules_of(service), settings_of(service), strict=True):
            if not any(
                tables_in(row) & {(None, rule.table.name), (service.name, rule.table.name)}
                and rule.days in days_in(row)
                and (setting is None or f"`{setting}`" in row["setting"])
                for row in documented()
            ):
                missing.append(f"{service.name}.{rule.table.name}: {rule.days} days, {setting}")
    assert missing == []


def test_all_documented_days_are_those_of_a_rule() -> None:
    kept = {(service.name, rule.table.name, rule.days) for service in SERVICES for rule in rules_of(service)}
    untrue = [
        f"{table}: {row['kept']}"
        for row in documented()
        for schema, table in tables_in(row)
        if table not in WITHOUT_A_RULE
        and not any(name == table and days in days_in(row) and schema in (None, of) for of, name, days in kept)
    ]
    assert untrue == []
    assert len(documented()) > 20, "the table is read"
