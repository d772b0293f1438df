"""Who learns the names of others in a room."""

from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.notifications.builders import FACILITATOR, GUEST, HOST, MEMBER, STEWARD, a_room

from practio_notifications.letters.visible_names import is_public, named_to

OFFICES = frozenset({HOST, FACILITATOR, STEWARD})


@every_case("asker", sorted(OFFICES))
def test_office_holders_learn_the_names_of_office_holders_and_members(asker: UUID) -> None:
    assert named_to(asker, a_room(), {MEMBER, GUEST}) == OFFICES | {MEMBER, GUEST}


def test_people_with_a_membership_learn_the_names_of_office_holders_and_their_own() -> None:
    assert named_to(MEMBER, a_room(), {MEMBER, GUEST}) == OFFICES | {MEMBER}
    assert named_to(MEMBER, a_room(), {MEMBER, GUEST}, {GUEST}) == OFFICES | {MEMBER}


def test_people_with_seats_learn_one_another_s_names() -> None:
    waiting = UUID(int=77)
    assert named_to(MEMBER, a_room(), {MEMBER, GUEST, waiting}, {MEMBER, GUEST}) == OFFICES | {MEMBER, GUEST}


def test_strangers_learn_no_name() -> None:
    assert named_to(GUEST, a_room(), {MEMBER}) is None


@every_case(("status", "public"), [("draft", False), ("published", True), ("closed", True), ("archived", True)])
def test_only_drafts_are_not_public(status: str, public: bool) -> None:
    assert is_public(a_room(status=status)) is public
