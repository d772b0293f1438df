"""The lists of personal data know every table of every service."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from practio_chassis.people.personal_data import Place, without_others
from practio_chassis.service import Service
from practio_membership.app import SERVICE as MEMBERSHIP
from practio_notifications.app import SERVICE as NOTIFICATIONS
from practio_operator.people.addresses import ADDRESS_TABLES
from practio_rooms.app import SERVICE as ROOMS

ROOM, ADA, BEN = (UUID(int=number) for number in (1, 2, 3))
SERVICES = (ROOMS, MEMBERSHIP, NOTIFICATIONS)
of_each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@of_each_service
def test_every_table_is_listed_as_personal_or_with_the_reason_why_not(service: Service) -> None:
    personal = {place.table for place in service.personal_data.places}
    assert not personal & service.personal_data.without_people.keys()
    assert personal | service.personal_data.without_people.keys() == service.metadata.tables.keys()


@of_each_service
def test_a_place_names_columns_of_its_table(service: Service) -> None:
    for place in service.personal_data.places:
        named = {*place.people, *(place.left or ()), place.address, place.addresses} - {None}
        assert named <= columns_of(service, place.table), place.table


@of_each_service
def test_a_table_with_a_person_or_an_address_is_a_place(service: Service) -> None:
    identifying = {"person_id", "author_id", "member_id", "email", "display_name"}
    found = {name for name in service.metadata.tables if identifying & columns_of(service, name)}
    assert found <= {place.table for place in service.personal_data.places}


@of_each_service
def test_every_column_of_a_place_is_in_exports_or_withheld_with_the_reason(service: Service) -> None:
    for place in service.personal_data.places:
        assert not set(place.shown) & place.withheld.keys(), place.table
        assert {*place.shown, *place.withheld} == columns_of(service, place.table), place.table
        assert {*place.people, *place.actors, *place.parts} <= set(place.shown), place.table
        assert set(place.readers or ()) <= set(place.people), place.table


def test_operators_look_for_addresses_where_notifications_has_them() -> None:
    known = {(each.table, each.addresses) for each in NOTIFICATIONS.personal_data.places if each.addresses}
    assert known == {(table, "email") for table in ADDRESS_TABLES}
    assert not [each for service in (ROOMS, MEMBERSHIP) for each in service.personal_data.places if each.addresses]


def columns_of(service: Service, table: str) -> set[str]:
    return {column.name for column in service.metadata.tables[table].columns}


def own_part(place: Place, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Ada may read of a row."""
    return without_others(place, {name: row[name] for name in place.shown}, str(ADA))


def test_an_export_has_no_id_but_the_person_s_own() -> None:
    [room] = [each for each in ROOMS.personal_data.places if each.table == "room"]
    row = {
        "room_id": ROOM,
        "status": "published",
        "office_ids": [str(ADA), str(BEN)],
        "proposed_host_id": str(BEN),
        "snapshot": {"title": "Cases", "host_id": str(BEN), "facilitator_ids": [str(ADA), str(BEN)], "purpose": "x"},
        "asked": "{}",
    }
    assert own_part(room, row) == {
        "room_id": ROOM,
        "status": "published",
        "office_ids": [str(ADA)],
        "proposed_host_id": None,
        "snapshot": {"title": "Cases", "host_id": None, "facilitator_ids": [str(ADA)], "steward_ids": None},
    }


def test_an_export_says_whether_the_person_or_the_system_acted() -> None:
    [history] = [each for each in MEMBERSHIP.personal_data.places if each.table == "history"]
    for by, shown in ((str(ADA), str(ADA)), (str(BEN), None), ("system", "system")):
        row = dict.fromkeys(history.shown) | {"person_id": str(ADA), "by": by}
        assert own_part(history, row)["by"] == shown
