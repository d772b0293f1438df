"""A written message is read back completely; outside systems read it without its private fields."""

import json
from uuid import uuid4

from tests.contracts.made import a_message, in_envelope, values_in
from tests.support.every_case import every_case

from practio_contracts.catalogue import CATALOGUE, EVENTS, INTERNAL, exchange_of
from practio_contracts.envelope import CONTENT_TYPE, MOST_BYTES, Envelope, read, write
from practio_contracts.message import private_paths, without_private
from practio_contracts.rooms import ReviseRoom

WITH_PRIVATE_FIELDS = sorted(key for key, message in CATALOGUE.items() if private_paths(message))


@every_case("key", CATALOGUE)
def test_every_message_is_read_as_it_was_written(key: str) -> None:
    message = a_message(key)
    envelope = in_envelope(message)
    assert read(write(envelope), routing_key=key, content_type=CONTENT_TYPE) == envelope


@every_case("key", CATALOGUE)
def test_every_field_of_every_message_is_written(key: str) -> None:
    message = a_message(key)
    written = json.loads(write(in_envelope(message)))
    assert set(written["data"]) == {field.alias or name for name, field in type(message).model_fields.items()}
    assert all(value is not None for _, value in values_in(written))


def test_unset_fields_of_a_command_are_not_written_as_null() -> None:
    room_id = uuid4()
    command = ReviseRoom.model_validate({"room_id": room_id, "purpose": None, "access": {"policy": "approval"}})
    written = json.loads(write(in_envelope(command)))
    assert written["data"] == {"room_id": str(room_id), "purpose": None, "access": {"policy": "approval"}}


@every_case("key", WITH_PRIVATE_FIELDS)
def test_private_fields_are_never_in_the_public_form(key: str) -> None:
    message = a_message(key)
    whole, public = message.model_dump(mode="json"), without_private(message)
    private = {name for name, _ in values_in(whole)} - {name for name, _ in values_in(public)}
    assert private
    written = write(in_envelope(message), public=True).decode()
    assert all(f'"{name}":' not in written for name in private)


@every_case("key", WITH_PRIVATE_FIELDS)
def test_the_public_form_is_read_as_the_same_message(key: str) -> None:
    received = read(write(in_envelope(a_message(key)), public=True), routing_key=key, content_type=CONTENT_TYPE)
    assert isinstance(received, Envelope)
    assert isinstance(received.data, CATALOGUE[key])


def test_services_receive_events_with_private_fields_from_the_internal_exchange() -> None:
    assert {exchange_of(CATALOGUE[key]) for key in WITH_PRIVATE_FIELDS} == {INTERNAL}
    assert exchange_of(CATALOGUE["membership.occupancy-changed.v1"]) == EVENTS


def test_the_private_fields_are_those_of_the_contract() -> None:
    assert private_paths(CATALOGUE["rooms.room-published.v1"]) == {"room": {"place": True, "meeting_url": True}}
    assert private_paths(CATALOGUE["membership.requested.v1"]) == {
        "membership": {"reason": True},
        "answers": True,
        "message": True,
    }


def test_the_largest_accepted_message_has_256_kib() -> None:
    assert MOST_BYTES == 262_144
