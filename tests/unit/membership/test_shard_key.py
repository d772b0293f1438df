"""The key by which commands are spread: the room, however its id is written."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.support.clients.commands import new_id
from tests.support.every_case import every_case

from practio_contracts.envelope import data_in
from practio_membership.app import SERVICE, shard_key

ROOM = UUID(new_id())


@every_case("written", [str(ROOM), str(ROOM).upper(), ROOM.hex, f"urn:uuid:{ROOM}", f"{{{ROOM}}}"])
def test_a_room_has_one_key_in_every_form_that_a_command_may_have(written: str) -> None:
    assert shard_key({"room_id": written, "from_room_id": new_id(), "person_id": new_id()}) == ROOM.bytes


@every_case("data", [None, [], "text", {}, {"room_id": None}, {"room_id": 5}, {"room_id": "a room"}])
def test_what_names_no_room_has_no_key(data: object) -> None:
    assert shard_key(data) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_no_data_raise(data: object) -> None:
    assert shard_key(data) is None


def test_every_command_that_changes_a_room_names_it_as_room_id() -> None:
    without = {message.routing_key for message in SERVICE.commands if "room_id" not in message.model_fields}
    assert without == {"membership.say-again.v1"}, "what order is kept for their rooms?"


def test_the_room_is_found_in_both_modes() -> None:
    structured = b'{"type": "practio.membership.withdraw.v1", "data": {"room_id": "%s"}}' % str(ROOM).encode()
    binary = b'{"room_id": "%s"}' % str(ROOM).encode()
    headers = {"cloudEvents:type": "practio.membership.withdraw.v1"}
    assert shard_key(data_in(structured)) == ROOM.bytes
    assert shard_key(data_in(structured, content_type="application/cloudevents+json", headers=headers)) == ROOM.bytes
    assert shard_key(data_in(binary, content_type="application/json", headers=headers)) == ROOM.bytes


@every_case("body", [b"", b"{", b"[]", b"[" * 100_000, b'"' + b"x" * 300_000 + b'"'])
def test_a_body_that_cannot_be_read_has_no_data(body: bytes) -> None:
    assert data_in(body) is None
