"""Who learns how others in a room are called."""

from uuid import UUID

import pytest
from tests.unit.notifications.builders import FACILITATOR, GUEST, HOST, MEMBER, STEWARD, a_room

from practio_notifications.letters.naming import is_public, named_to

OFFICES = frozenset({HOST, FACILITATOR, STEWARD})


@pytest.mark.parametrize("asker", sorted(OFFICES))
def test_who_runs_a_room_learns_who_runs_it_and_who_is_around(asker: UUID) -> None:
    assert named_to(asker, a_room(), {MEMBER, GUEST}) == OFFICES | {MEMBER, GUEST}


def test_who_is_around_learns_who_runs_the_room_and_nobody_else() -> None:
    assert named_to(MEMBER, a_room(), {MEMBER, GUEST}) == OFFICES


def test_others_learn_nobodys_name() -> None:
    assert named_to(GUEST, a_room(), {MEMBER}) is None


@pytest.mark.parametrize(
    ("status", "public"), [("draft", False), ("published", True), ("closed", True), ("archived", True)]
)
def test_of_a_draft_only_some_may_know(status: str, public: bool) -> None:
    assert is_public(a_room(status=status)) is public
