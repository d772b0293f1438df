"""The table from event to letter: one row a kind (services/notifications/README.md, From event to letter)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from practio_contracts.membership import (
    HAS_OFFICE,
    BuddyAssigned,
    Declined,
    Ended,
    How,
    InvitationDeclined,
    InvitationLapsed,
    Invited,
    Joined,
    OfferDeclined,
    OfferLapsed,
    OfferRevoked,
    Removed,
    Requested,
    RequestLapsed,
    RequestUnanswered,
    RoleChanged,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.message import Message
from practio_contracts.rooms import (
    Announced,
    ConductReported,
    ConductSettled,
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    PersonThanked,
    RoomArchived,
    RoomCancelled,
    RoomDrafted,
    RoomPublished,
    RoomQuiet,
    RoomRevised,
    SessionAtRisk,
    SessionCancelled,
    SessionOver,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    SponsorReported,
)
from practio_notifications.letters.calendar_changes import moves_room, renames_room
from practio_notifications.letters.links import LinkCause
from practio_notifications.letters.recipients import (
    TO_MANY,
    Cause,
    Recipients,
    addressees,
    asker,
    buddies,
    concerned,
    deciders,
    delegates,
    former_host,
    host,
    offices_under_the_host,
    people_in_the_room,
    people_with_seats,
    person,
    reporter,
    stewards,
    thanked,
    unconcerned_stewards,
    who_wakes_it,
)


class Category(StrEnum):
    """The category of a letter for preferences; transactional letters are always sent."""

    TRANSACTIONAL = "transactional"
    DIGEST = "digest"
    ACTIVITY = "activity"
    REMINDER = "reminder"


class Method(StrEnum):
    """What a calendar does with the sessions of a letter (RFC 5546, 1.4)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def _always(_event: Cause) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class LetterKind:
    """One kind of letter; its template has its name.

    An ``event`` causes it if ``when`` holds. ``confirms``: the actor gets it too, as a confirmation; otherwise the
    actor gets no letter. ``calendar`` is what calendars do with the sessions whose entries it brings. It ``waits``
    that long after its event, and then leaves if it is still true. ``weekly``: it is part of the digest of the week.
    """

    name: str
    event: type[Cause]
    recipients: Recipients
    category: Category
    when: Callable[..., bool] = _always
    confirms: bool = False
    calendar: Method | None = None
    waits: timedelta = timedelta()
    weekly: bool = False

    @property
    def is_digest(self) -> bool:
        """Return whether it collects other letters."""
        return self.name in DIGEST_NAMES

    @property
    def digest(self) -> "LetterKind":
        """Return the digest that collects it."""
        return CARE_DIGEST if self.weekly else DIGESTS[self.category]

    @property
    def discreet(self) -> bool:
        """Return whether nobody but its reader may learn of it: what becomes of it is published to services alone.

        So it is of letters about a draft too: nobody but its host may know of it (contracts/README.md, Events).
        """
        return issubclass(self.event, RoomDrafted) or (issubclass(self.event, Message) and self.event.discreet)

    @property
    def stands_alone(self) -> bool:
        """Return whether it belongs to no thread of letters, since it is not about one membership."""
        return self.is_digest or self in (LINK, INTRODUCE, SPONSOR_REPORT)


def _to_person(
    name: str, event: type[Cause], calendar: Method | None = None, when: Callable[..., bool] = _always
) -> LetterKind:
    return LetterKind(name, event, person, Category.TRANSACTIONAL, when, confirms=True, calendar=calendar)


def _to_host(name: str, event: type[Cause], when: Callable[..., bool] = _always) -> LetterKind:
    return LetterKind(name, event, host, Category.ACTIVITY, when)


def _confirms_to_host(name: str, event: type[Cause], waits: timedelta = timedelta()) -> LetterKind:
    return LetterKind(name, event, host, Category.TRANSACTIONAL, confirms=True, waits=waits)


def _to_concerned(
    name: str, event: type[Cause], when: Callable[..., bool] = _always, calendar: Method | None = None
) -> LetterKind:
    return LetterKind(name, event, concerned, Category.TRANSACTIONAL, when, calendar=calendar)


def _to_all(name: str, event: type[Cause], calendar: Method, when: Callable[..., bool] = _always) -> LetterKind:
    return LetterKind(name, event, people_in_the_room, Category.TRANSACTIONAL, when, calendar=calendar)


def _came_by_themselves(event: Joined) -> bool:
    return event.how is How.OPEN


def _is_gone(event: Withdrawn) -> bool:
    """Return whether a person has left: whose seat is free because they got an office runs the room now."""
    return event.membership.reason != HAS_OFFICE


def _left_a_seat(event: Withdrawn) -> bool:
    return event.from_status is Status.JOINED and _is_gone(event)


def _has_buddy(event: BuddyAssigned) -> bool:
    return event.buddy_id is not None


def _is_given(event: OfficeChanged) -> bool:
    return event.appointed


def _is_taken(event: OfficeChanged) -> bool:
    return not event.appointed


def _is_handed_over(event: HostChanged) -> bool:
    return event.reason is None


def _nobody_asked(event: HostChanged) -> bool:
    return event.reason is not None


def _for_the_host(event: RequestUnanswered) -> bool:
    return event.days < _OFFICES_AFTER_DAYS


def _for_the_offices(event: RequestUnanswered) -> bool:
    return event.days >= _OFFICES_AFTER_DAYS


_OFFICES_AFTER_DAYS = 7

DRAFT_RESTS = timedelta(minutes=30)
"""How long after a room was first saved its host is written to; not if it is published or discarded by then."""

KINDS = (
    _to_person("requested", Requested),
    LetterKind("request-to-decide", Requested, deciders, Category.DIGEST),
    _to_person("joined", Joined, Method.REQUEST),
    _to_host("member-joined", Joined, _came_by_themselves),
    _to_person("waitlisted", Waitlisted),
    _to_person("seat-offered", SeatOffered),
    _to_person("offer-lapsed", OfferLapsed),
    _to_person("offer-revoked", OfferRevoked),
    _to_person("declined", Declined),
    _to_person("removed", Removed, Method.CANCEL),
    _to_person("ended", Ended),
    _to_person("request-lapsed", RequestLapsed),
    _to_person("invitation-lapsed", InvitationLapsed),
    _to_person("invited", Invited),
    _to_person("withdrawn", Withdrawn, Method.CANCEL, _is_gone),
    _to_host("member-left", Withdrawn, _left_a_seat),
    _to_person("offer-declined", OfferDeclined),
    _to_host("member-declined-offer", OfferDeclined),
    _to_person("invitation-declined", InvitationDeclined),
    _to_host("member-declined-invitation", InvitationDeclined),
    _to_person("role-changed", RoleChanged),
    LetterKind("buddy-assigned", BuddyAssigned, buddies, Category.TRANSACTIONAL, _has_buddy),
    LetterKind("request-unanswered", RequestUnanswered, host, Category.TRANSACTIONAL, _for_the_host),
    LetterKind(
        "request-long-unanswered",
        RequestUnanswered,
        offices_under_the_host,
        Category.TRANSACTIONAL,
        _for_the_offices,
    ),
    _confirms_to_host("room-drafted", RoomDrafted, waits=DRAFT_RESTS),
    _confirms_to_host("room-published", RoomPublished),
    _to_all("session-scheduled", SessionScheduled, Method.REQUEST),
    _to_all("session-rescheduled", SessionRescheduled, Method.REQUEST),
    _to_all("session-revised", SessionRevised, Method.REQUEST),
    _to_all("session-cancelled", SessionCancelled, Method.CANCEL),
    LetterKind("session-at-risk", SessionAtRisk, deciders, Category.TRANSACTIONAL),
    LetterKind("session-over", SessionOver, people_with_seats, Category.REMINDER),
    LetterKind("session-to-record", SessionOver, host, Category.REMINDER),
    LetterKind("announced", Announced, addressees, Category.ACTIVITY),
    LetterKind("room-quiet", RoomQuiet, who_wakes_it, Category.REMINDER),
    LetterKind("thanked", PersonThanked, thanked, Category.ACTIVITY),
    LetterKind("conduct-reported", ConductReported, unconcerned_stewards, Category.TRANSACTIONAL),
    LetterKind("conduct-settled", ConductSettled, reporter, Category.TRANSACTIONAL),
    _to_all("room-moved", RoomRevised, Method.REQUEST, moves_room),
    _to_all("room-renamed", RoomRevised, Method.REQUEST, renames_room),
    _to_all("room-cancelled", RoomCancelled, Method.CANCEL),
    _to_all("room-archived", RoomArchived, Method.CANCEL),
    _to_concerned("hand-over-proposed", HandOverProposed),
    _to_concerned("host-changed", HostChanged, _nobody_asked),
    LetterKind(
        "handed-over", HostChanged, former_host, Category.TRANSACTIONAL, _is_handed_over, calendar=Method.CANCEL
    ),
    _to_concerned("office-given", OfficeChanged, _is_given, Method.REQUEST),
    _to_concerned("office-taken", OfficeChanged, _is_taken, Method.CANCEL),
)
"""The letters that events cause at once."""


def kinds_from(event: object) -> list[LetterKind]:
    """Return the kinds of letters that an event causes at once."""
    return [kind for kind in KINDS if isinstance(event, kind.event) and kind.when(event)]


def goes_to_all(event: object) -> bool:
    """Return whether an event causes a letter for which everybody in the room has to be known."""
    return any(kind.recipients in TO_MANY for kind in kinds_from(event))


OFFER_REMINDER = _to_person("offer-reminder", SeatOffered)
"""Sent at half the time of an offer."""

INVITATION_REMINDER = _to_person("invitation-reminder", Invited)
"""Sent at half the time of an invitation."""

SESSION_REMINDER = LetterKind(
    "session-reminder", SessionScheduled, people_in_the_room, Category.REMINDER, calendar=Method.REQUEST
)
"""Sent the day before a session, to its people who want reminders; it brings the entries of added dates."""

SESSION_SCHEDULED, BUDDY_ASSIGNED, ROOM_QUIET = (
    next(kind for kind in KINDS if kind.name == name) for name in ("session-scheduled", "buddy-assigned", "room-quiet")
)

OFFER_UNDELIVERED = LetterKind("offer-undelivered", SeatOffered, host, Category.TRANSACTIONAL)
"""Sent if the letter of an offer could not be delivered."""

LINK = LetterKind("link", LinkCause, asker, Category.TRANSACTIONAL, confirms=True)
"""Sent to a person who asks for a link to their pages, since they have no letter at hand."""

INTRODUCE = LetterKind("introduce", LinkCause, asker, Category.TRANSACTIONAL, confirms=True)
"""Sent to an address that asks for a link and that nobody knows, if people may introduce themselves."""

SPONSOR_REPORT = LetterKind("sponsor-report", SponsorReported, delegates, Category.REMINDER)
"""Sent to a sponsor's delegates in the first days of a month, with what the month before gave it."""

REQUESTS_DIGEST = LetterKind("requests-digest", Requested, deciders, Category.DIGEST)
ACTIVITY_DIGEST = LetterKind("activity-digest", Joined, host, Category.ACTIVITY)
DIGESTS = {kind.category: kind for kind in (REQUESTS_DIGEST, ACTIVITY_DIGEST)}
"""The digests by category, for readers who want them."""

ROOM_LONG_QUIET = LetterKind("room-long-quiet", RoomQuiet, stewards, Category.REMINDER)
"""Sent to the stewards of a room that has been quiet for two weeks."""

QUIET_ROOM = LetterKind("quiet-room", RoomQuiet, stewards, Category.REMINDER, weekly=True)
"""Never sent by itself: a quiet room in the digest of the week."""

CARE_DIGEST = LetterKind("care-digest", RoomQuiet, stewards, Category.REMINDER)
"""The quiet rooms that a steward looks after, once a week."""

DIGEST_NAMES = frozenset(kind.name for kind in (*DIGESTS.values(), CARE_DIGEST))

REMINDED_BEFORE = timedelta(hours=24)

_OTHERS = (
    OFFER_REMINDER,
    INVITATION_REMINDER,
    SESSION_REMINDER,
    OFFER_UNDELIVERED,
    LINK,
    INTRODUCE,
    *DIGESTS.values(),
    ROOM_LONG_QUIET,
    QUIET_ROOM,
    CARE_DIGEST,
    SPONSOR_REPORT,
)
KIND = {kind.name: kind for kind in (*KINDS, *_OTHERS)}
