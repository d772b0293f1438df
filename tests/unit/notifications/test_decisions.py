"""When a due letter leaves, by its own account: the date is that of its first attempt."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.support.every_case import every_case
from tests.unit.notifications.builders import HOST, NOW, a_contact, a_membership, a_room, a_situation, an_event

from practio_contracts.membership import Declined, Requested, Status
from practio_contracts.notifications import LetterStatus, Preferences
from practio_notifications.delivery.decisions import DueLetter, OutgoingLetter, decide, decide_item
from practio_notifications.letters.abridging import Counted
from practio_notifications.store.delivery_rules import DeliveryRules
from practio_notifications.tables import LetterRow

QUEUED_AT = NOW - timedelta(hours=84)


def a_row(kind: str, cause: dict[str, object], **fields: object) -> LetterRow:
    """Return a letter that was queued 84 hours ago."""
    usual: dict[str, object] = {
        "letter_id": uuid4(),
        "event_id": uuid4(),
        "kind": kind,
        "person_id": HOST,
        "member_id": HOST,
        "room_id": None,
        "cause_data": cause,
        "status": LetterStatus.QUEUED,
        "tries": 0,
        "interrupted": False,
        "created_at": QUEUED_AT,
    }
    return LetterRow(**(usual | fields))


def due(row: LetterRow, event: Requested | Declined, *items: DueLetter) -> DueLetter:
    contents: Counted[OutgoingLetter] = Counted(lambda each: each.room_id)
    for item in items:
        outcome = decide_item(item, NOW)
        assert isinstance(outcome, OutgoingLetter)
        contents.add(outcome)
    rules = DeliveryRules(Preferences(person_id=HOST, quiet_hours=None), ZoneInfo("UTC"), suppressed=False)
    situation = a_situation(event.membership, reader=a_contact(), room=a_room(host_id=HOST))
    return DueLetter(row, situation, rules, contents)


@every_case(("first_tried_at", "date"), [(None, NOW), (NOW - timedelta(hours=3), NOW - timedelta(hours=3))])
def test_a_letter_that_waited_has_the_date_of_its_first_attempt(
    first_tried_at: datetime | None, date: datetime
) -> None:
    event = an_event(Declined, a_membership(Status.DECLINED))
    fields = {"person_id": event.membership.person_id, "first_tried_at": first_tried_at}
    row = a_row("declined", event.model_dump(mode="json"), **fields)
    outcome = decide(due(row, event), NOW)
    assert isinstance(outcome, OutgoingLetter)
    assert (outcome.leaves_at, outcome.created_at) == (date, QUEUED_AT)


def test_a_digest_that_waited_has_the_date_at_which_it_leaves() -> None:
    event = an_event(Requested, a_membership(Status.REQUESTED))
    request = a_row("request-to-decide", event.model_dump(mode="json"))
    digest = a_row("requests-digest", {"at": QUEUED_AT.isoformat()})
    outcome = decide(due(digest, event, due(request, event)), NOW)
    assert isinstance(outcome, OutgoingLetter)
    assert outcome.leaves_at == NOW
