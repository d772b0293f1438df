"""The list of personal data knows every table of every service."""

import pytest
from sqlalchemy import MetaData

import practio_membership.tables
import practio_notifications.tables
import practio_rooms.tables
from practio_chassis.personal_data import PLACES, WITHOUT_PEOPLE

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
