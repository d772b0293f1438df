"""Where this service has data about people: what erasure leaves of it, and what exports show."""

from practio_chassis.people.personal_data import (
    CHASSIS_PLACES,
    CHASSIS_TABLES_WITHOUT_PEOPLE,
    IDS_ONLY,
    REPEATED,
    SERVICE_ONLY,
    PersonalData,
    Place,
)

_PLACES = (
    Place(
        table="letter",
        people=("person_id", "member_id"),
        left={"told": None},
        readers=("person_id",),
        shown=(
            "letter_id",
            "kind",
            "person_id",
            "member_id",
            "room_id",
            "status",
            "tries",
            "reason",
            "created_at",
            "first_tried_at",
            "sent_at",
            "gathered_in",
        ),
        withheld={
            "told": REPEATED,
            "membership_id": "may be another person's",
            **dict.fromkeys(("fact_id", "correlation_id", "traceparent", "due_at", "interrupted"), SERVICE_ONLY),
        },
    ),
    Place(table="preference", people=("person_id",), shown=("person_id", "wished")),
    Place(
        table="standing",
        people=("person_id",),
        left=IDS_ONLY,
        shown=("membership_id", "room_id", "person_id", "status", "role", "offer_expires_at", "was_joined", "is_named"),
    ),
    Place(
        table="bounce",
        people=("person_id",),
        address="email",
        shown=("bounce_id", "email", "kind", "detail", "at", "person_id"),
        withheld={"letter_id": "may be a letter to another person with the address"},
    ),
    Place(table="suppression", address="email", shown=("email", "kind", "at")),
    Place(
        table="calendar_entry",
        people=("person_id",),
        shown=("person_id", "session_id", "sequence", "ends_at", "letter_id", "revision", "replied_at"),
        withheld={"reply_id": "by it, calendars answer as the person"},
    ),
    Place(
        table="session_answer",
        people=("person_id",),
        shown=("session_id", "person_id", "coming", "starts_at", "answered_at", "by_person"),
    ),
    Place(
        table="session_part",
        people=("person_id",),
        shown=("session_id", "person_id", "role", "ends_at", "is_proposed"),
        withheld={"place": SERVICE_ONLY},
    ),
    Place(
        table="introduction",
        people=("person_id", "actor_id"),
        shown=("introduction_id", "person_id", "actor_id", "at"),
    ),
    Place(table="former_address", people=("person_id",), addresses="email", shown=("person_id", "email")),
    Place(
        table="contact",
        people=("person_id",),
        left={"display_name": None, "email": None, "locale": None, "time_zone": None, "asked_at": None},
        addresses="email",
        shown=(
            "person_id",
            "display_name",
            "email",
            "locale",
            "time_zone",
            "introduced",
            "registered",
            "asked_at",
            "link_version",
            "calendar_version",
        ),
    ),
    *CHASSIS_PLACES,
)

_WITHOUT_PEOPLE = {
    **CHASSIS_TABLES_WITHOUT_PEOPLE,
    "room": "what a room states; its offices are ids that events change",
    "sponsor": "what an organisation is called; its delegates are ids that events change",
    "session": "what a room plans",
    "session_plan": "what a room plans; its people are in session_part",
    "occupancy": "numbers",
    "room_care": "signs that a room is quiet, which name nobody",
}

PERSONAL_DATA = PersonalData(places=_PLACES, without_people=_WITHOUT_PEOPLE)
