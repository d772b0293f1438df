"""The rules of text, instants and null."""

from tests.contracts.envelopes import a_person, a_room, an_envelope, faults, understood
from tests.support.every_case import every_case

CONTROLS = ["\x00", "\x07", "\x0b", "\x0c", "\r", "\x1b", "\x1f", "\x7f", "\x85", "\x9f"]


def titled(title: str) -> str:
    """Return a room's title as it was understood."""
    text: str = understood(a_room(title=title)).data.title
    return text


def named(name: str) -> str:
    """Return a person's name as it was understood."""
    text: str = understood(a_person(display_name=name)).data.display_name
    return text


@every_case(
    ("written", "understood_as"),
    [
        ("  Intervision \n", "Intervision"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\ttwo\nthree", "one\ttwo\nthree"),
        ("日本語の部屋", "日本語の部屋"),
        ("a\u200db", "a\u200db"),
    ],
)
def test_text_is_trimmed_and_composed_and_its_line_breaks_are_lf(written: str, understood_as: str) -> None:
    assert titled(written) == understood_as


@every_case("control", CONTROLS)
@every_case("place", ["{}Intervision", "Inter{}vision", "Intervision{}"])
def test_control_characters_are_refused_anywhere_in_commands(control: str, place: str) -> None:
    assert list(faults(a_room(title=place.format(control)))) == ["title"]


@every_case("control", [*CONTROLS, "\n", "\t", "\r\n"])
def test_control_characters_become_spaces_in_names_of_people(control: str) -> None:
    assert named(f"Ada{control}Moretti{control}") == "Ada Moretti"


def test_a_text_of_blanks_is_null() -> None:
    assert list(faults(a_room(title=" \n "))) == ["title"]
    assert list(faults(a_person(display_name="\x00"))) == ["display_name"]


def test_an_address_is_trimmed_and_has_one_at() -> None:
    assert understood(a_person(email=" ada@example.org\n")).data.email == "ada@example.org"
    for email in ("ada", "ada@", "a b@example.org", "a@b@c", "ada@exa\x00mple.org"):
        assert list(faults(a_person(email=email))) == ["email"]


@every_case("zone", ["Mars/Olympus", "", "../etc/passwd", "localtime", "Europe/Rome\x00", "CET+1"])
def test_a_time_zone_that_iana_does_not_name_is_refused(zone: str) -> None:
    assert list(faults(a_person(time_zone=zone))) == ["time_zone"]


@every_case("locale", ["it", "it-IT", "zh-Hant-TW", "sr-Latn"])
def test_a_language_is_a_tag_of_bcp_47(locale: str) -> None:
    assert understood(a_person(locale=locale)).data.locale == locale
    assert list(faults(a_person(locale=f"{locale}_X"))) == ["locale"]


@every_case("address", ["javascript:alert(1)", "https://", "http://a b", "ftp://example.org", "//x"])
def test_a_web_address_is_of_the_web(address: str) -> None:
    assert list(faults(a_room(meeting_url=address))) == ["meeting_url"]


def test_every_optional_field_of_a_command_may_be_null() -> None:
    optional = dict.fromkeys(
        (
            *("domain", "purpose", "for_whom", "format", "mode", "capacity", "roles", "language", "time_zone"),
            *("place", "meeting_url", "sponsor", "access", "guidelines", "facilitator_ids", "steward_ids"),
        )
    )
    assert understood(a_room(**optional)).data.capacity is None
    question = {"key": "case", "text": "Which case?", "required": None}
    room = understood(a_room(access={"questions": [question], "waitlist": None, "policy": None})).data
    assert room.access.questions[0].required is False


@every_case(
    ("key", "data"),
    [
        ("rooms.search-rooms.v1", {}),
        ("membership.get-roster.v1", {"room_id": "01961f2e-3a4b-7c5d-8e6f-708192a3b4c5"}),
        ("notifications.list-letters.v1", {}),
    ],
)
def test_a_limit_of_null_is_the_default(key: str, data: dict[str, str]) -> None:
    assert understood(an_envelope(key, data | {"limit": None})) is not None
    nulled = understood(an_envelope(key, data | {"limit": None})).data
    assert nulled.limit == understood(an_envelope(key, data)).data.limit


@every_case("capacity", [0, 10_001, 3.0, "3", True])
def test_a_capacity_is_a_whole_number_from_1_to_10_000(capacity: object) -> None:
    assert list(faults(a_room(capacity=capacity))) == ["capacity"]
    assert understood(a_room(capacity=10_000)).data.capacity == 10_000


def test_given_fields_are_distinguished_from_omitted_ones() -> None:
    access = understood(a_room(access={"reapply_after_days": None})).data.access
    assert access.model_fields_set == {"reapply_after_days"}
