"""Certificates: shown to their person, verified by anybody, without a name."""

from datetime import UTC, datetime, timedelta

from tests.unit.pages.builders import ADA, ROOM, a_room_shown
from tests.unit.pages.every_page import CODE, EVERY_PAGE, a_certificate, a_full_visit
from tests.unit.pages.sites import Visit, a_visit

from practio_contracts.answers import Refusal
from practio_contracts.links import LIFETIMES, Link, Purpose
from practio_contracts.notifications import Named, NamePeople, Names
from practio_contracts.rooms import GetCertificate, GetRoom, Verification, VerifyCertificate
from practio_pages.rates import Meter

NAME = "Ada <Moretti>"
VALID = Verification.model_validate({"valid": True, **a_certificate().model_dump(by_alias=True)})


def a_holder(found: Refusal | None = None) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetRoom: a_room_shown(),
        GetCertificate: found or a_certificate(),
        VerifyCertificate: VALID,
        NamePeople: Names(people=[Named(person_id=ADA, display_name=NAME)]),
    }
    return visit


def certificate_of(visit: Visit, **fields: object) -> str:
    return visit.path(Link(Purpose.CERTIFICATE, ADA, ROOM, locale="en", **fields))  # type: ignore[arg-type]


async def test_a_certificate_has_name_figures_and_code() -> None:
    visit = a_holder()
    seen = await visit.get(certificate_of(visit))
    assert seen.status == 200
    for words in (NAME, "attended 7 sessions", "630", "Tuesday, 7 October 2025", CODE, f"/verify/{CODE}"):
        assert words in seen.words
    assert [each["href"] for each in seen.html.select("main a")] == [f"/verify/{CODE}"]


async def test_without_recorded_attendance_the_page_says_what_to_do() -> None:
    visit = a_holder(Refusal(code="certificate-unknown", detail="English only"))
    seen = await visit.get(certificate_of(visit))
    assert seen.status == 404
    assert "until 30 days after a session" in seen.words
    assert "English only" not in seen.words


async def test_a_code_is_verified_without_a_name() -> None:
    visit = a_holder()
    seen = await visit.get(f"/verify/{CODE}")
    assert (seen.status, NAME in seen.words, "This certificate is valid" in seen.words) == (200, False, True)
    assert "630" in seen.words


async def test_all_codes_that_are_not_valid_have_the_same_page() -> None:
    visit = a_holder()
    visit.gateway.answers[VerifyCertificate] = Verification(valid=False)
    pages = [await visit.get(f"/verify/{code}") for code in ("AAAAA", "0", "x" * 90, "K7M2P")]
    texts = {each.html.select("main")[0].get_text() for each in pages}
    assert ({each.status for each in pages}, len(texts)) == ({404}, 1)


async def test_codes_are_verified_at_a_limited_rate() -> None:
    visit = a_holder()
    visit.app.state.site.meter._verify.amount = 2
    statuses = [(await visit.get(f"/verify/{CODE}")).status for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


def test_the_rate_is_counted_by_network() -> None:
    meter = Meter(verify="1 per hour")
    assert meter.count_code(client="2001:db8::1") is None
    assert meter.count_code(client="2001:db8::2") is not None
    assert meter.count_code(client="192.0.2.7") is None


async def test_a_certificate_outlasts_the_page_that_leads_to_it() -> None:
    visit = a_full_visit()
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    for name in ("way", "own-data"):
        seen = await visit.get(EVERY_PAGE[name].opened_by(visit, not_after=end))
        [path] = [str(each["href"]) for each in seen.html.select("a[href^='/certificate/']")]
        link = visit.site.links.read(path.split("/")[2], Purpose.CERTIFICATE)
        assert (link.person_id, link.room_id, link.category, link.session_id) == (ADA, ROOM, None, None)
        assert link.not_after is not None
        assert link.not_after > datetime.now(UTC) + LIFETIMES[Purpose.CERTIFICATE] - timedelta(minutes=5)
