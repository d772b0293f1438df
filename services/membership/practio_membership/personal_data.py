"""Where this service has data about people: what erasure leaves of it, and what exports show."""

from practio_chassis.people.personal_data import (
    CHASSIS_PLACES,
    CHASSIS_TABLES_WITHOUT_PEOPLE,
    SERVICE_ONLY,
    PersonalData,
    Place,
)

_PLACES = (
    Place(
        table="membership",
        people=("person_id",),
        left={"answers": {}, "message": None, "reason": None},
        shown=(
            "membership_id",
            "room_id",
            "person_id",
            "status",
            "version",
            "number",
            "wishes",
            "role",
            "since",
            "requested_at",
            "offer_expires_at",
            "invitation_expires_at",
            "request_expires_at",
            "lapsed_at",
            "decided_by",
            "decided_at",
            "over_capacity",
            "barred",
            "reason",
            "by",
            "from_room_id",
            "answers",
            "message",
        ),
        actors=("by", "decided_by"),
        withheld={"priority": "the host's rank, for the offices of the room", "set_aside": SERVICE_ONLY},
    ),
    Place(
        table="history",
        people=("person_id",),
        left={"reason": None},
        shown=(
            "id",
            "membership_id",
            "room_id",
            "person_id",
            "at",
            "by",
            "account",
            "from_status",
            "to_status",
            "fact",
            "reason",
            "message_id",
        ),
        actors=("by",),
    ),
    Place(
        table="buddy",
        people=("person_id", "buddy_id"),
        shown=("room_id", "person_id", "buddy_id", "assigned_at"),
    ),
    *CHASSIS_PLACES,
)

_WITHOUT_PEOPLE = {
    **CHASSIS_TABLES_WITHOUT_PEOPLE,
    "sharding": "numbers",
    "room": "what a room states; its offices are ids that events change",
}

PERSONAL_DATA = PersonalData(places=_PLACES, without_people=_WITHOUT_PEOPLE)
