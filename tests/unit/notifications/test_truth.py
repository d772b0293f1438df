"""Truth at send time: a letter leaves only while it says what is so."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.unit.notifications.builders import HOST, MEMBER, NOW, a_membership, a_room, a_situation

from practio_contracts.membership import Membership, Status
from practio_notifications.letters.kinds import KIND, KINDS, Kind
from practio_notifications.letters.truth import Erased, Situation, SkipReason, Standing, skip_reason


def skipped(
    kind: str, told: Membership, situation: Situation, *, reader: UUID = MEMBER, after: timedelta = timedelta()
) -> SkipReason | None:
    return skip_reason(KIND[kind], told, reader, situation, NOW + after)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_letter_leaves_while_the_person_stands_where_it_says(kind: Kind) -> None:
    told = a_membership(kind.true_while)
    reader = HOST if kind.name == "request-to-decide" else MEMBER
    assert skipped(kind.name, told, a_situation(told), reader=reader) is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("status", Status)
def test_a_letter_stays_once_the_person_stands_elsewhere(kind: Kind, status: Status) -> None:
    told = a_membership(kind.true_while)
    reader = HOST if kind.name == "request-to-decide" else MEMBER
    reason = skipped(
        kind.name, told, a_situation(told, standing=Standing(status, told.offer_expires_at)), reader=reader
    )
    assert (reason is None) == (status is kind.true_while)


def test_an_offer_is_over_at_its_instant() -> None:
    told = a_membership(Status.OFFERED)
    just_before = timedelta(days=1, microseconds=-1)
    assert skipped("seat-offered", told, a_situation(told), after=just_before) is None
    assert skipped("seat-offered", told, a_situation(told), after=timedelta(days=1)) is SkipReason.OFFER_OVER


def test_the_letter_of_an_earlier_offer_stays_when_there_is_a_new_one() -> None:
    told = a_membership(Status.OFFERED)
    newer = Standing(Status.OFFERED, NOW + timedelta(days=3))
    assert skipped("seat-offered", told, a_situation(told, standing=newer)) is SkipReason.OFFER_OVER


def test_who_no_longer_decides_is_not_told_of_requests() -> None:
    told = a_membership()
    situation = a_situation(told, room=a_room(host_id=MEMBER))
    assert skipped("request-to-decide", told, situation, reader=HOST) is SkipReason.OFFICE_LEFT


def test_a_person_whose_address_nobody_told_gets_none() -> None:
    assert skipped("requested", a_membership(), a_situation(reader=None)) is SkipReason.NO_ADDRESS


@pytest.mark.parametrize("erased", ["reader", "member"])
def test_nothing_is_sent_to_or_about_an_erased_person(erased: str) -> None:
    situation = a_situation(**{erased: Erased()})
    assert skipped("request-to-decide", a_membership(), situation, reader=HOST) is SkipReason.PERSON_ERASED
