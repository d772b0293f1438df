"""Every name of the IANA list is known to every distribution, whatever zone files its machine has."""

import re
import tomllib
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from tests.contracts.envelopes import a_person
from tests.support.every_case import every_case
from tests.support.thorough import in_turn
from tests.unit.notifications.builders import a_room, a_session

from practio_chassis.i18n import Catalogues
from practio_contracts.fields import time_zones
from practio_contracts.people import PersonRegistered
from practio_membership.domain.offer_expiry import offer_expiry
from practio_notifications.letters.kinds import Method
from practio_notifications.rendering.calendar import Numbered, entries
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_rooms.domain.recurrence import instant, wall_clock

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LINKS = {"Asia/Calcutta", "US/Eastern", "GB", "Europe/Kiev", "America/Buenos_Aires", "Etc/GMT+5", "EST5EDT", "Zulu"}
"""Names that only the file `backward` of the IANA list has, or that some systems leave out."""

DISTRIBUTIONS = sorted(
    path.parent for folder in ("contracts", "services/*", "deploy/*") for path in ROOT.glob(f"{folder}/pyproject.toml")
)


@pytest.fixture(params=["with", "without"])
def system_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look for zones in the files of the system, or, as with PYTHONTZPATH="", only in the package."""
    if request.param == "without":
        zoneinfo.reset_tzpath(to=[])
    ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()


@pytest.mark.usefixtures("system_files")
def test_every_name_of_the_list_is_accepted_and_known_wherever_a_zone_is_used() -> None:
    assert time_zones() >= LINKS
    localizers = Catalogues(ROOT, "none")
    for name in sorted(time_zones()):
        assert person_in(name).time_zone == name
        assert wall_clock(instant(NOW.replace(tzinfo=None), name), name) == NOW.replace(tzinfo=None)
        assert offer_expiry(NOW, window_hours=24, time_zone=name, next_session_at=None) > NOW
        assert localizers.localizer(["en"], name).when(NOW)


@pytest.mark.usefixtures("system_files")
@pytest.mark.parametrize(
    ("name", "system_files"), in_turn(sorted(LINKS), ["with", "without"]), indirect=["system_files"]
)
def test_a_calendar_entry_has_any_zone(name: str) -> None:
    reader, sender = (MailAddress("", f"{who}@example.org") for who in ("ada", "practio"))
    session = a_session(time_zone=name, starts_at=NOW + timedelta(days=7))
    [entry] = entries(
        Method.REQUEST,
        [session],
        {session.session_id: Numbered(1)},
        room=a_room(),
        reader=reader,
        sender=sender,
        stamp=NOW,
    )
    assert b"DTSTART" in entry.content


def person_in(zone: str) -> PersonRegistered:
    return PersonRegistered.model_validate(a_person(time_zone=zone)["data"])


def test_a_name_that_only_the_system_has_is_refused(tmp_path: Path) -> None:
    """Otherwise an image with that file would accept what the others do not know."""
    (tmp_path / "Home").write_bytes(ZONE)
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    time_zones.cache_clear()
    try:
        assert ZoneInfo.no_cache("Home")
        with pytest.raises(ValidationError):
            person_in("Home")
    finally:
        zoneinfo.reset_tzpath()
        time_zones.cache_clear()


ZONE = files("tzdata.zoneinfo.Europe").joinpath("Rome").read_bytes()


@every_case("distribution", DISTRIBUTIONS, ids=lambda path: path.name)
def test_a_distribution_that_uses_zones_brings_them(distribution: Path) -> None:
    modules = [path.read_text(encoding="utf-8") for path in distribution.glob("practio_*/**/*.py")]
    uses = any(re.search(r"^(from zoneinfo|import zoneinfo)|files\(.tzdata.\)", text, re.M) for text in modules)
    with (distribution / "pyproject.toml").open("rb") as file:
        needs = tomllib.load(file)["project"]["dependencies"]
    lock = distribution / "requirements.lock"
    assert not uses or any(each.startswith("tzdata") for each in needs)
    assert not lock.exists() or "\ntzdata==" in lock.read_text(encoding="utf-8"), "run `make lock`"
