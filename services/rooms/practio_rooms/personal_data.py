"""Where this service has data about people: what erasure leaves of it, and what exports show."""

from practio_chassis.people.personal_data import (
    CHASSIS_PLACES,
    CHASSIS_TABLES_WITHOUT_PEOPLE,
    IDS_ONLY,
    SERVICE_ONLY,
    PersonalData,
    Place,
)

_ABOUT_THEM = "who was reported must not learn of it, so that people dare to report"
_FOR_STEWARDS = "about other people, for the stewards of the room"
_OF_A_REPORT = (
    "report_id",
    "room_id",
    "reporter_id",
    "person_id",
    "note_id",
    "about_ids",
    "text",
    "asked",
    "reported_at",
    "outcome",
    "words",
    "settled_by",
    "settled_at",
)
"""The columns of a report of conduct."""
_ROOM = "what the room states, which is nobody's data"

_PLACES = (
    Place(table="presence", people=("person_id",), shown=("membership_id", "room_id", "person_id")),
    Place(table="ending", people=("person_id",), shown=("membership_id", "room_id", "person_id", "was_in_it")),
    Place(
        table="passage",
        people=("person_id",),
        shown=(
            "membership_id",
            "room_id",
            "person_id",
            "requested_at",
            "waitlisted_at",
            "offered_at",
            "joined_at",
            "declined_at",
            "left_at",
        ),
    ),
    Place(table="feedback_given", people=("person_id",), shown=("room_id", "session_id", "person_id", "waits")),
    Place(
        table="session_answer",
        people=("person_id",),
        shown=(
            "room_id",
            "session_id",
            "person_id",
            "membership_id",
            "coming",
            "note",
            "starts_at",
            "ends_at",
            "follows",
        ),
    ),
    Place(
        table="session_part",
        people=("person_id",),
        shown=("room_id", "session_id", "role", "person_id", "planned_at", "is_proposed"),
        withheld={"number": SERVICE_ONLY},
    ),
    Place(
        table="attendance",
        people=("person_id",),
        shown=("room_id", "session_id", "person_id", "was_present", "has_seat", "recorded_at"),
        withheld={"counted": SERVICE_ONLY, "certified": SERVICE_ONLY},
    ),
    Place(
        table="certificate",
        people=("person_id",),
        shown=(
            "code",
            "room_id",
            "person_id",
            "earlier_sessions",
            "earlier_minutes",
            "earlier_from",
            "earlier_to",
        ),
    ),
    Place(
        table="thanks",
        people=("person_id", "author_id"),
        shown=("thanks_id", "room_id", "person_id", "author_id", "reason", "words", "seen_by", "thanked_at"),
        withheld={"asked": SERVICE_ONLY},
    ),
    Place(
        table="conduct_report",
        people=("about_ids",),
        readers=(),
        shown=("about_ids",),
        withheld={each: _ABOUT_THEM for each in _OF_A_REPORT if each != "about_ids"},
    ),
    Place(
        table="conduct_report",
        people=("reporter_id",),
        left={"reporter_id": None},
        shown=("report_id", "room_id", "reporter_id", "text", "reported_at", "outcome", "settled_at"),
        withheld={
            "asked": SERVICE_ONLY,
            "words": "what stewards write for one another",
            **dict.fromkeys(("person_id", "note_id", "about_ids", "settled_by"), "may be another person's"),
        },
    ),
    Place(
        table="conduct_report",
        people=("settled_by",),
        left={"settled_by": None},
        readers=(),
        shown=("settled_by",),
        withheld={each: _FOR_STEWARDS for each in _OF_A_REPORT if each != "settled_by"},
    ),
    Place(table="sponsor_delegate", people=("person_id",), shown=("sponsor_id", "person_id")),
    Place(
        table="lot_person",
        people=("person_id",),
        shown=("room_id", "person_id"),
        withheld={"lot_id": SERVICE_ONLY},
    ),
    Place(table="lot_waiting", people=("person_id",), shown=("kind", "room_id", "person_id", "amount", "since")),
    Place(
        table="announcement",
        people=("author_id",),
        left={"author_id": None},
        shown=("announcement_id", "room_id", "author_id", "announced_at"),
        withheld={"asked": SERVICE_ONLY},
    ),
    Place(
        table="note",
        people=("author_id",),
        left={"author_id": None},
        shown=(
            "note_id",
            "room_id",
            "session_id",
            "kind",
            "confidential",
            "status",
            "version",
            "title",
            "text",
            "author_id",
            "recorded_at",
        ),
        withheld=dict.fromkeys(("asked", "dictionary", "words", "text_words"), SERVICE_ONLY),
    ),
    Place(
        table="room",
        people=("office_ids", "proposed_host_id"),
        left=IDS_ONLY,  # by events (domain/erasure.py)
        shown=("room_id", "status", "office_ids", "proposed_host_id", "snapshot"),
        parts={"snapshot": ("title", "host_id", "facilitator_ids", "steward_ids")},
        withheld={
            **dict.fromkeys(("asked", "dictionary", "words", "text_words", "soonness"), SERVICE_ONLY),
            **dict.fromkeys(
                (
                    "guidelines_version",
                    "origin_id",
                    "published_at",
                    "format",
                    "mode",
                    "language",
                    "domain",
                    "folded_domain",
                    "policy",
                    "sponsor_kind",
                    "sponsor_name",
                    "folded_sponsor_name",
                    "seats_free",
                    "has_free_seats",
                    "waiting",
                    "pending",
                    "roles_taken",
                ),
                _ROOM,
            ),
        },
    ),
    *CHASSIS_PLACES,
)

_WITHOUT_PEOPLE = {
    **CHASSIS_TABLES_WITHOUT_PEOPLE,
    "session": "what a room plans, with the guests that its host names, who are nobody that Practio knows",
    "series": "what a room plans",
    "room_care": "signs that a room is quiet, which name nobody",
    "discarded_draft": "ids of rooms",
    "sponsor": "what an organisation is called",
    "month_fixed": "months",
    "room_month": "numbers of rooms",
    "lot": "numbers of four people or more (tables/lots.py)",
    "feedback_waiting": "feedback without names (tables/feedback.py)",
    "feedback_number": "feedback without names (tables/feedback.py)",
    "feedback_comment": "feedback without names (tables/feedback.py)",
}

PERSONAL_DATA = PersonalData(places=_PLACES, without_people=_WITHOUT_PEOPLE)
