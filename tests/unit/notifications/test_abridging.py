"""Long digests: what they show, what they count, and that none is too big for long."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import cycle, islice
from random import Random
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.support.thorough import part
from tests.unit.notifications.builders import (
    HOST,
    NOW,
    a_contact,
    a_room,
    a_session,
    a_situation,
    an_event,
    an_occupancy,
)
from tests.unit.notifications.conftest import Write

from practio_contracts.membership import Joined, Requested
from practio_contracts.rooms import Room
from practio_notifications.delivery.decisions import OutgoingLetter
from practio_notifications.delivery.mail import Brevity, brevities, compose_mail
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.gallery.samples import samples
from practio_notifications.letters.abridging import MOST_SHOWN, Counted, abridged
from practio_notifications.letters.delivery import TOO_BIG, AttemptOutcome, DeliveryAttempt
from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.wording import CATALOGUES
from practio_notifications.store.calendar_entries import NumberedEntry

SETTINGS = MailSettings(smtp_host="mail", mail_from="practio@example.org")
ROOM = a_room()
LONG = "Something that goes on for quite a while. " * 40


def a_digest(*rooms: Room, requests: int, text: str = "Gladly.") -> OutgoingLetter:
    """Return a digest of so many requests, spread over ``rooms``."""
    different = [_request(rooms[number % len(rooms)], f"Guest {number}.", text) for number in range(_different(rooms))]
    items = tuple(islice(cycle(different), requests))
    return replace(items[0], letter_id=UUID(int=1), kind=KIND["requests-digest"], items=items)


def _different(rooms: Sequence[Room]) -> int:
    """Return how many requests differ: more than are shown, and at least one for each room."""
    return max(2 * MOST_SHOWN, len(rooms))


@cache
def _event(text: str) -> Requested:
    return an_event(Requested, answers={"why": text}, message=text)


def _request(room: Room, name: str, text: str) -> OutgoingLetter:
    event = _event(text)
    of_room = event.membership.model_copy(update={"room_id": room.room_id, "membership_id": uuid4()})
    event = event.model_copy(update={"membership": of_room})
    member = a_contact(name)
    return OutgoingLetter(
        letter_id=uuid4(),
        tries=1,
        kind=KIND["request-to-decide"],
        event=event,
        sessions=(),
        situation=a_situation(event.membership, member=member, room=room, occupancy=an_occupancy(taken=1)),
        person_id=HOST,
        member_id=event.membership.person_id,
        room_id=room.room_id,
        created_at=NOW,
        leaves_at=NOW,
        made_at=NOW,
    )


def _size(letter: OutgoingLetter, brevity: Brevity = Brevity.WHOLE) -> int:
    return len(compose_mail(letter, SETTINGS, None, brevity).content)


def test_the_first_items_are_shown_and_the_others_counted_by_room() -> None:
    parts = abridged(["a1", "b1", "a2", "b2", "a3", "c1"], lambda item: item[0], most=3)
    assert [(part.first, part.shown, part.besides) for part in parts.rooms] == [
        ("a1", ("a1", "a2"), 1),
        ("b1", ("b1",), 1),
        ("c1", (), 1),
    ]
    assert parts.elsewhere == 0


def test_rooms_beyond_the_most_are_counted_together_and_one_is_always_listed() -> None:
    parts = abridged(["a1", "b1", "a2", "b2", "c1"], lambda item: item[0], most=0)
    assert [(part.first, part.shown, part.besides) for part in parts.rooms] == [("a1", (), 2)]
    assert parts.elsewhere == 3


@every_case("most", range(8))
def test_every_item_is_shown_or_counted_once(most: int) -> None:
    items = [f"{room}{number}" for number in range(3) for room in "abcd"]
    parts = abridged(items, lambda item: item[0], most=most)
    shown = [item for part in parts.rooms for item in part.shown]
    assert len(shown) == len(set(shown)) == min(most, len(items))
    assert len(shown) + sum(part.besides for part in parts.rooms) + parts.elsewhere == len(items)


@every_case("most", range(6))
def test_what_is_only_counted_changes_no_digest(most: int) -> None:
    chance = Random(most)
    for rooms in (1, 3, 5, 9):
        items = [f"{chance.randrange(rooms)} {number}" for number in range(40)]
        counted: Counted[str] = Counted(lambda item: item[0], most=5)
        for item in items:
            counted.add(item)
        assert len(counted.items) <= 10
        whole = abridged(items, lambda item: item[0], most=most)
        assert abridged(counted.items, lambda item: item[0], most=most, besides=counted.besides) == whole


def test_a_digest_of_thousands_is_hardly_longer_than_one_of_fifty() -> None:
    room = a_room()
    assert _size(a_digest(room, requests=4_000)) < 1.02 * _size(a_digest(room, requests=MOST_SHOWN))


def test_a_digest_of_thousands_of_rooms_is_bounded_too() -> None:
    rooms = [ROOM.model_copy(update={"room_id": uuid4(), "title": f"Room {number}"}) for number in range(2_000)]
    assert _size(a_digest(*rooms, requests=2_000)) < 200_000


def test_each_shorter_form_of_a_digest_is_smaller_and_the_shortest_always_fits() -> None:
    letter = a_digest(a_room(), requests=500, text=LONG)
    sizes = [_size(letter, brevity) for brevity in brevities(letter)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 100_000 > sizes[-1]


def test_the_shortest_form_of_a_letter_with_sessions_brings_no_calendar() -> None:
    room = a_room()
    event = an_event(Joined)
    sessions = [a_session(room_id=room.room_id) for _ in range(60)]
    letter = replace(
        _request(room, "Ada", ""),
        kind=KIND["joined"],
        event=event,
        situation=a_situation(event.membership, room=room),
        sessions=sessions,
        entries={each.session_id: NumberedEntry(1) for each in sessions},
    )
    assert brevities(letter) == (Brevity.WHOLE, Brevity.SHORTEST)
    assert b"text/calendar" in compose_mail(letter, SETTINGS, None).content
    assert b"text/calendar" not in compose_mail(letter, SETTINGS, None, Brevity.SHORTEST).content


@every_case(
    ("delivery", "is_about_size"),
    [
        (DeliveryAttempt(AttemptOutcome.NEVER, TOO_BIG), True),
        (DeliveryAttempt(AttemptOutcome.NEVER, "smtp-552"), True),
        (DeliveryAttempt(AttemptOutcome.NEVER, "smtp-552-5.3.4"), True),
        (DeliveryAttempt(AttemptOutcome.NEVER, "smtp-554-5.2.3"), True),
        (DeliveryAttempt(AttemptOutcome.NEVER, "smtp-550-5.1.1"), False),
        (DeliveryAttempt(AttemptOutcome.LATER, "smtp-452-4.3.4"), False),
        (DeliveryAttempt(AttemptOutcome.ACCEPTED), False),
    ],
)
def test_an_answer_about_a_letters_size_is_known_by_its_code(delivery: DeliveryAttempt, is_about_size: bool) -> None:
    assert delivery.too_big is is_about_size


def test_letters_written_in_many_threads_at_once_read_as_those_written_one_by_one(write_sample: Write) -> None:
    languages = sorted(CATALOGUES.languages)
    every = part(((each, languages[at % len(languages)]) for at, each in enumerate(samples())), of=4)
    one_by_one = [sample.written(language) for sample, language in every]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda each: write_sample(*each), every))
    assert together == one_by_one
