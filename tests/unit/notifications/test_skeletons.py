"""Letters from skeletons are those that are written from the start, byte by byte, for any reader."""

from dataclasses import replace
from datetime import timedelta
from itertools import groupby, product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.every_case import every_case
from tests.support.thorough import in_turn, part, some
from tests.unit.notifications.builders import NOW, a_contact, a_membership, a_room, a_situation, an_event

from practio_contracts.links import Link
from practio_contracts.membership import How, Joined, MembershipEvent, Requested, Status
from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples
from practio_notifications.letters.kinds import KIND
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering.encoding import encoded
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.skeletons import Skeletons
from practio_notifications.rendering.template_inputs import inputs_of
from practio_notifications.rendering.text import Draft, draft, rendered

BASE = 'https://rooms.example.org/it\'s "<all>" & more'
ROOM = a_room()
ADA = a_contact()
ODD = a_contact('Zoë "the <b>first</b>" &amp; O\u2019Neil\u00a0de l\'Étang', link_version=3)
LANGUAGES = ["en", "it", "es", "de", "fr"]
OF_ONE_CAUSE = (each for each in samples() if len(each.causes) == 1 and not each.kind.is_digest)
OF_EACH_KIND = groupby(sorted(OF_ONE_CAUSE, key=lambda each: each.kind.name), lambda each: each.kind.name)
SAMPLES = [each for _, of_kind in OF_EACH_KIND for each in some(list(of_kind), few=1)]
"""In `make test` one of each kind."""


def an_address(link: Link) -> str:
    return f"{BASE}/{link.purpose}/{link.person_id.hex}.{link.version}.{link.locale}"


def the_draft(sample: Sample, reader: Contact, person_id: UUID) -> Draft:
    [(kind, event, situation)] = sample.causes
    pages = PageLinks(person_id, reader, an_address, BASE) if sample.has_pages else None
    situation = replace(situation, reader=reader)
    return draft(kind, event, reader, situation, sample.sessions, pages, added=sample.added)


def in_language(reader: Contact, language: str) -> Contact:
    return replace(reader, locale=language)


@pytest.mark.timeout(300)
@every_case(("sample", "language"), in_turn(SAMPLES, LANGUAGES), ids=lambda each: getattr(each, "name", each))
def test_a_letter_from_another_reader_s_skeleton_is_as_if_written_from_the_start(sample: Sample, language: str) -> None:
    """At once, if the other reader differs in name and addresses alone."""
    skeletons, first = Skeletons(), the_draft(sample, in_language(ADA, language), sample.reader_id)
    assert skeletons.written_at_once(first) is None
    skeletons.written(first)
    readers = part(product((ODD, ADA, a_contact("")), (sample.reader_id, UUID(int=77))), of=6, at=len(sample.name))
    for reader, person_id in readers:
        letter = the_draft(sample, in_language(reader, language), person_id)
        expected = encoded(rendered(letter))
        if (reader, person_id) == (ODD, sample.reader_id):
            assert skeletons.written_at_once(letter) == (None if "report" in letter.words else expected)
        assert skeletons.written(letter) == expected


@given(name=st.text(max_size=250))
@example(name="<bdi>&nbsp;</bdi>")
@example(name="{{ reader }} %(reader)s \\1")
def test_any_name_stands_in_a_skeleton(name: str) -> None:
    skeletons = Skeletons()
    skeletons.written(a_request(ADA))
    letter = a_request(a_contact(name))
    assert skeletons.written(letter) == encoded(rendered(letter))


def a_request(reader: Contact = ADA, **membership: Any) -> Draft:
    return of_a_membership(
        an_event(Requested, a_membership(Status.REQUESTED, **membership)), "requested", reader, room=ROOM
    )


def of_a_membership(event: MembershipEvent, kind: str, reader: Contact = ADA, **situation: Any) -> Draft:
    known = a_situation(event.membership, reader=reader, **situation)
    return draft(KIND[kind], event, reader, known, (), None)


def test_letters_that_differ_in_what_is_written_have_skeletons_of_their_own() -> None:
    skeletons = Skeletons()
    room = ROOM
    letters = [
        of_a_membership(an_event(Joined, how=how), "joined", room=room.model_copy(update={"title": title}))
        for how in How
        for title in ("One", "Two")
    ]
    for each in (*letters, *letters):
        assert skeletons.written(each) == encoded(rendered(each))


def test_requests_of_one_minute_are_written_alike() -> None:
    first = NOW.replace(second=1)
    skeletons = Skeletons()
    skeletons.written(a_request(requested_at=first))
    assert skeletons.written_at_once(a_request(requested_at=first + timedelta(seconds=50)))
    assert not skeletons.written_at_once(a_request(requested_at=first + timedelta(seconds=60)))


def test_no_more_skeletons_are_kept_than_allowed() -> None:
    skeletons = Skeletons(most=2)
    letters = [a_request(requested_at=NOW + timedelta(days=number)) for number in range(3)]
    for letter in letters:
        skeletons.written(letter)
    assert [skeletons.written_at_once(letter) is not None for letter in letters] == [False, True, True]


def test_a_template_reads_fields_of_an_event_and_what_its_layouts_read() -> None:
    reads = inputs_of("joined")
    assert (reads["event"], reads["membership"]) == (frozenset({"how"}), frozenset({"role"}))
    assert {"room", "reader", "dates", "pages"} <= reads.keys()
