"""The people of the demo and their room; new ids each time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from practio_contracts.people import PersonRegistered
from practio_contracts.rooms import (
    AccessInput,
    CreateRoom,
    Format,
    GuidelinesInput,
    Mode,
    Policy,
    QuestionInput,
    RoleInput,
)

HOSTS = (
    ("Marta Bianchi", "it", "Europe/Rome"),
    ("Olivia Carter", "en-US", "America/New_York"),
    ("Haruka Sato", "ja", "Asia/Tokyo"),
    ("Daniel Reyes", "es-US", "America/Los_Angeles"),
    ("Priya Nair", "en-IN", "Asia/Kolkata"),
    ("Aroha Williams", "en-NZ", "Pacific/Auckland"),
)
"""At any hour it is daytime for one of them: letters about requests wait while it is night for the host."""

GUESTS = (
    ("Tomás Herrera", "es", "Europe/Madrid", "Two teachers who no longer speak with each other."),
    ("Aisha Rahman", "en-GB", "Europe/London", "A merger of two schools that nobody asked for."),
    ("Jonas Weber", "de", "Europe/Berlin", "Parents who go past the teacher, straight to me."),
    ("Claire Dubois", "fr", "Europe/Paris", "How to say no to the fifth project this year."),
    ("Kofi Mensah", "en", "Africa/Accra", "My deputy is better at my job than I am."),
)


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """A person of the demo; ``case`` is what they would bring to the room."""

    id: UUID
    name: str
    email: str
    locale: str
    time_zone: str
    case: str = ""

    @property
    def registered(self) -> PersonRegistered:
        """Return the directory's event about this person."""
        return PersonRegistered(
            person_id=self.id,
            display_name=self.name,
            email=self.email,
            locale=self.locale,
            time_zone=self.time_zone,
        )


@dataclass(frozen=True, slots=True)
class SamplePeople:
    """The people and the room of one run."""

    room_id: UUID
    host: SamplePerson
    guests: tuple[SamplePerson, ...]

    @property
    def everybody(self) -> tuple[SamplePerson, ...]:
        """Return the host and the guests."""
        return (self.host, *self.guests)

    @property
    def leaver(self) -> SamplePerson:
        """Return the guest who gives up their seat."""
        return self.guests[1]

    @property
    def follower(self) -> SamplePerson:
        """Return the guest who waits, and takes that seat."""
        return self.guests[3]

    def name_of(self, person_id: UUID) -> str:
        """Return a person's name."""
        return next(person.name for person in self.everybody if person.id == person_id)

    def room(self) -> CreateRoom:
        """Return the host's command to create a room of three seats."""
        return CreateRoom(
            room_id=self.room_id,
            title="Intervision for heads of small schools",
            domain="Education",
            purpose="Once a month we look together at one case that keeps one of us awake.",
            for_whom="Heads of schools with fewer than 300 pupils",
            format=Format.INTERVISION,
            mode=Mode.ONLINE,
            capacity=3,
            roles=[RoleInput(name="participant")],
            language="en",
            time_zone=self.host.time_zone,
            meeting_url="https://meet.example.org/small-schools",
            access=AccessInput(
                policy=Policy.APPROVAL,
                questions=[QuestionInput(key="case", text="Which case would you bring?", required=True)],
            ),
            guidelines=GuidelinesInput(text="What is said in the room stays in the room."),
        )


def new_people(now: datetime | None = None) -> SamplePeople:
    """Return people and a room with new ids and addresses; ``now`` decides for whom it is daytime."""
    at_work = next(host for host in HOSTS if _is_daytime(host[2], now or datetime.now(UTC)))
    return SamplePeople(room_id=uuid7(), host=_person(*at_work), guests=tuple(_person(*guest) for guest in GUESTS))


def _is_daytime(time_zone: str, now: datetime) -> bool:
    return 9 <= now.astimezone(ZoneInfo(time_zone)).hour < 18


def _person(name: str, locale: str, time_zone: str, case: str = "") -> SamplePerson:
    identity = uuid7()
    local_part = ".".join(name.lower().replace("á", "a").split())
    return SamplePerson(identity, name, f"{local_part}.{identity.hex[-6:]}@example.org", locale, time_zone, case)
