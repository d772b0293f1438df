"""The list of personal data knows every table of every service."""

from uuid import UUID

import pytest
from sqlalchemy import MetaData

import practio_membership.tables
import practio_notifications.tables
import practio_rooms.tables
from practio_chassis.personal_data import PLACES, WITHOUT_PEOPLE, own_part

ROOM, ADA, BEN = (UUID(int=number) for number in (1, 2, 3))
METADATA = {
    "rooms": practio_rooms.tables.metadata,
    "membership": practio_membership.tables.metadata,
    "notifications": practio_notifications.tables.metadata,
}


@pytest.mark.parametrize("service", METADATA)
def test_every_table_is_listed_as_personal_or_with_the_reason_why_not(service: str) -> None:
    personal = {place.table for place in PLACES[service]}
    assert not personal & WITHOUT_PEOPLE[service].keys()
    assert personal | WITHOUT_PEOPLE[service].keys() == METADATA[service].tables.keys()


@pytest.mark.parametrize("service", METADATA)
def test_a_place_names_columns_of_its_table(service: str) -> None:
    for place in PLACES[service]:
        named = {*place.people, *(place.left or ()), place.address, place.addresses} - {None}
        assert named <= columns_of(METADATA[service], place.table), place.table


@pytest.mark.parametrize("service", METADATA)
def test_a_table_with_a_person_or_an_address_is_a_place(service: str) -> None:
    telling = {"person_id", "author_id", "member_id", "email", "display_name"}
    found = {name for name in METADATA[service].tables if telling & columns_of(METADATA[service], name)}
    assert found <= {place.table for place in PLACES[service]}


def columns_of(metadata: MetaData, table: str) -> set[str]:
    return {column.name for column in metadata.tables[table].columns}


@pytest.mark.parametrize("service", METADATA)
def test_every_column_of_a_place_is_in_exports_or_withheld_with_the_reason(service: str) -> None:
    for place in PLACES[service]:
        assert not set(place.shown) & place.withheld.keys(), place.table
        assert {*place.shown, *place.withheld} == columns_of(METADATA[service], place.table), place.table
        assert {*place.people, *place.actors, *place.parts} <= set(place.shown), place.table
        assert set(place.readers or ()) <= set(place.people), place.table


def test_an_export_has_no_id_but_the_person_s_own() -> None:
    [room] = [each for each in PLACES["rooms"] if each.table == "room"]
    row = {
        "room_id": ROOM,
        "status": "published",
        "office_ids": [ADA, BEN],
        "proposed_host_id": BEN,
        "snapshot": {"title": "Cases", "host_id": str(BEN), "facilitator_ids": [str(ADA), str(BEN)], "purpose": "x"},
        "asked": "{}",
    }
    assert own_part(room, row, ADA) == {
        "room_id": ROOM,
        "status": "published",
        "office_ids": [ADA],
        "proposed_host_id": None,
        "snapshot": {"title": "Cases", "host_id": None, "facilitator_ids": [str(ADA)], "steward_ids": None},
    }


def test_an_export_says_whether_the_person_or_the_system_acted() -> None:
    [history] = [each for each in PLACES["membership"] if each.table == "history"]
    for by, shown in ((str(ADA), str(ADA)), (str(BEN), None), ("system", "system")):
        row = dict.fromkeys(history.shown) | {"person_id": ADA, "by": by}
        assert own_part(history, row, ADA)["by"] == shown
