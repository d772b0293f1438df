"""The ledger finds lost, doubled and unexpected messages; system tests rely on it."""

from email.message import EmailMessage
from typing import Any

import pytest
from tests.support.clients.commands import Data, a_person, a_room, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.stack.mailbox import Mailbox, ReceivedLetter

JOINED, SENT = "membership.joined.v1", "notifications.letter-sent.v1"


class Books:
    """A host's room and one person's request to join it, with everything that should follow: clean unless spoilt."""

    def __init__(self) -> None:
        self.outside = OutsideSystem("amqp://directory:secret@localhost/practio", "outside.directory")
        self.mailbox = Mailbox(0)
        self.ledger = Ledger(self.outside, self.mailbox)
        self.person, self.room = a_person(), a_room()
        self.outside.people[self.person["person_id"]] = self.person
        self.sends("rooms.create-room.v1", self.room, {"state": {}, "changed": True})
        self.membership = {
            "membership_id": new_id(),
            "room_id": self.room["room_id"],
            "person_id": self.person["person_id"],
            "by": self.person["person_id"],
        }
        self.command = self.sends("membership.request-to-join.v1", self.membership, {"state": {}, "changed": True})
        self.event = self.receives(JOINED, {"membership": self.membership}, sequence="1")
        self.letter = {"letter_id": new_id(), "kind": "joined", "about": self.membership, **self.membership}
        self.receives(SENT, self.letter, source="/practio/notifications")
        self.arrives()

    def sends(self, name: str, data: Data, answer: Data) -> Data:
        event = self.outside.envelope(name, data, actor=new_id())
        self.outside.published[event["id"]] = self.outside.confirmed[event["id"]] = event
        self.outside.answers[event["id"]].append({"data": answer})
        return event

    def receives(self, name: str, data: Data, **attributes: Any) -> Data:
        cause = {"correlationid": self.command["id"], "causationid": self.command["id"]}
        usual = {"source": "/practio/membership", "subject": self.membership["membership_id"]} | cause
        event = self.outside.envelope(name, data) | usual | attributes
        self.outside.events[name].append(event)
        return event

    def arrives(self, message_id: str | None = None) -> None:
        message = EmailMessage()
        message["Message-ID"] = f"<{message_id or self.letter['letter_id']}@here.example.org>"
        message["Feedback-ID"] = "joined:transactional:practio"
        self.mailbox.letters.append(ReceivedLetter(self.person["email"], message))


def test_a_complete_ledger_is_clean() -> None:
    ledger = Books().ledger
    assert (ledger.lost(), ledger.doubled(), ledger.unexpected()) == ([], [], [])


def test_a_command_without_an_event_is_lost() -> None:
    books = Books()
    command = books.sends("membership.withdraw.v1", books.membership, {"state": {}, "changed": True})
    assert books.ledger.lost() == [f"outcome of {command['type']} {command['id']}"]


def test_a_command_without_a_change_needs_no_event() -> None:
    books = Books()
    books.sends("membership.withdraw.v1", books.membership, {"state": {}, "changed": False})
    assert not books.ledger.lost()


def test_a_gap_in_the_numbers_is_a_lost_event() -> None:
    books = Books()
    books.receives("membership.prioritised.v1", {"membership": books.membership}, sequence="3")
    assert books.ledger.lost() == [f"events [2] of ('/practio/membership', '{books.membership['membership_id']}')"]


def test_an_event_without_its_letter_is_a_lost_letter() -> None:
    books = Books()
    books.outside.events[SENT].clear()
    assert len(books.ledger.lost()) == 1


@pytest.mark.parametrize(("command", "owed"), [("membership.withdraw.v1", 1), ("rooms.appoint.v1", 0)])
def test_nobody_is_owed_a_letter_about_leaving_for_an_office(command: str, owed: int) -> None:
    books = Books()
    cause = books.sends(command, books.membership, {"state": {}, "changed": True})
    causes = {"correlationid": cause["id"], "causationid": cause["id"]}
    books.receives("membership.withdrawn.v1", {"membership": books.membership}, sequence="2", **causes)
    assert len(books.ledger.lost()) == owed


def test_a_letter_that_was_sent_and_never_came_is_lost() -> None:
    books = Books()
    books.mailbox.letters.clear()
    assert len(books.ledger.lost()) == 1


def test_two_events_with_one_number_are_doubled() -> None:
    books = Books()
    books.receives("membership.withdrawn.v1", {"membership": books.membership}, sequence="1")
    assert f"event 1 of ('/practio/membership', '{books.membership['membership_id']}')" in books.ledger.doubled()


def test_the_same_event_delivered_twice_is_not_doubled() -> None:
    books = Books()
    books.outside.events[JOINED].append(books.event)
    assert not books.ledger.doubled()


def test_two_outcomes_of_one_command_are_doubled() -> None:
    books = Books()
    books.receives("membership.command-refused.v1", {"command_id": books.command["id"]}, subject=books.command["id"])
    assert len(books.ledger.doubled()) == 1


def test_a_lapse_before_a_refusal_is_not_doubled() -> None:
    books = Books()
    command = books.sends("membership.accept-offer.v1", books.membership, {"code": "offer-expired"})
    cause = {"causationid": command["id"]}
    books.receives("membership.command-refused.v1", {"command_id": command["id"]}, subject=command["id"], **cause)
    over = books.membership | {"by": "system"}
    books.receives("membership.offer-lapsed.v1", {"membership": over}, sequence="2", **cause)
    assert not books.ledger.doubled()


def test_two_answers_that_differ_are_doubled() -> None:
    books = Books()
    books.outside.answers[books.command["id"]].append({"data": {"code": "already-decided"}})
    assert books.ledger.doubled() == [f"answers to {books.command['id']}"]


def test_a_letter_that_comes_twice_is_doubled_unless_its_sender_died() -> None:
    books = Books()
    books.arrives()
    assert len(books.ledger.doubled()) == 1
    assert not Ledger(books.outside, books.mailbox, sender_died=True).doubled()


def test_an_event_about_our_room_with_a_foreign_cause_is_unexpected() -> None:
    books = Books()
    event = books.receives(JOINED, {"membership": books.membership | {"person_id": new_id()}}, correlationid=new_id())
    assert books.ledger.unexpected() == [f"{event['type']} {event['id']}"]


def test_an_answer_to_nothing_is_unexpected() -> None:
    books = Books()
    books.outside.answers["nothing"].append({"data": {}})
    assert books.ledger.unexpected() == ["answer to nothing"]


def test_a_letter_without_an_event_is_unexpected() -> None:
    books = Books()
    books.receives(SENT, books.letter | {"letter_id": new_id(), "kind": "declined"}, source="/practio/notifications")
    assert len(books.ledger.unexpected()) == 1


def test_a_letter_without_a_sent_event_is_unexpected() -> None:
    books = Books()
    books.arrives(message_id=new_id())
    assert len(books.ledger.unexpected()) == 1
