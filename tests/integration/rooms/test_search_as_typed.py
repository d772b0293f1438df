"""Words are found as people type them, on servers of any locale."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers
from tests.support.thorough import mostly_thorough

from practio_chassis.database import engine
from practio_contracts.rooms import NotesFound, RecordNote
from practio_rooms.app import SERVICE

LOCALES = {
    "tr": "LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'tr'",
    "C": "LOCALE 'C'",
    "C.UTF-8": "LOCALE 'C.UTF-8'",
}
"""``tr`` is a server that was set up with Turkish; where the machine has no such locale, ICU has it."""

FOUND = [
    ("en", "Café", "cafe"),
    ("fr", "Un cafe", "CAFÉ"),
    ("fr", "Les élèves animées", "eleves animee"),
    ("fr", "L’école ouverte", "l'ecole ouv"),
    ("fr", "L'école ouverte", "ecole"),
    ("ru", "Наставничество", "НАСТАВНИЧЕСТВО"),
    ("ru", "ГРУППЫ взаимной поддержки", "группа"),
    ("ru", "Тихий ёжик", "ежик тихии"),
    ("zh", "周三读书会", "读书"),
    ("zh", "周三读书会", "书"),
    ("zh", "周三读书会。每月", "读书会 每月"),
    ("ja", "事例検討会", "検討"),
    ("ja", "ｶﾞｲﾄﾞの会", "ガイド"),
    ("ja", "ガイドの会", "ｶﾞｲﾄﾞ"),
    ("ko", "독서모임에서", "모임"),
    ("th", "กลุ่มกำลังใจ", "กำลัง"),
    ("ar", "مُحَمَّد والأصدقاء", "محمد"),
    ("ar", "أحمد", "احمد"),
    ("he", "שָׁלוֹם לכולם", "שלום"),
    ("he", "צה״ל", 'צה"ל'),
    ("hi", "हिन्दी समूह", "हिन्दी"),
    ("de", "Große Straße", "strasse"),
    ("de", "GROSSE STRASSE", "große straß"),
    ("de", "Häuser der Pflege", "HAUS"),
    ("tr", "İstanbul ışık", "istanbul isik"),
    ("tr", "ISTANBUL", "istanbul"),
    ("pl", "Łódź", "lodz"),
    ("pl", "Lodz", "Łódź"),
    ("vi", "Tieng Viet", "Tiếng Việt"),
    ("da", "Ørsted og Ærø", "orsted aero"),
    ("el", "ΣΟΦΟΣ λόγος", "σοφός λογοσ"),
    ("en", "Deﬁning ofﬁce", "defining office"),
    ("en", "ＰＥＥＲ circle", "peer"),
    ("en", "Cafe\u0301 life", "café"),
    ("en", "Peer co‑vision", "co-vis"),
    ("en", "O’Brien's circle", "o'brien"),
    ("en", "Write to ada@example.org", "ada@example.org"),
    ("en", "Write to ada@example.org", "example"),
    ("en", "Plan B", "b"),
    ("en", "«Peer» — “coaching”", '"peer coaching"'),
    ("en", "To be or not to be", '"to be"'),
    ("vi", "Tiếng Việt", "tieng viet"),
]
NOT_FOUND = [
    ("zh", "周三读书会", "书读"),
    ("ja", "かの会", "がの会"),
    ("en", "Café", "-cafe"),
    ("en", "Café", "…!"),
    ("en", "Café", "“”"),
    ("en", "Write to ada@example.org", "ada@org.example"),
]


@pytest_asyncio.fixture(params=mostly_thorough(LOCALES, first=1), scope="module")
async def abroad(servers: Servers, request: pytest.FixtureRequest) -> AsyncIterator[Catalogue]:
    """Yield a catalogue on a database of another locale."""
    async with migrated_database(servers, SERVICE, options=f"{LOCALES[request.param]} TEMPLATE template0") as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield Catalogue(pool)
        await pool.dispose()


async def found(catalogue: Catalogue, **asked: object) -> list[UUID]:
    return [room.room_id for room in (await catalogue.search(**asked)).rooms]


async def test_a_room_is_found_as_people_type(abroad: Catalogue) -> None:
    domain = f"{uuid4().int}"
    everything = [*FOUND, *NOT_FOUND]
    rooms = [
        a_room(domain=domain, language=language, title=title, purpose="-", for_whom="-")
        for language, title, _typed in everything
    ]
    ids = await abroad.publish(*rooms, host=uuid4())
    seen = {
        case: room_id in await found(abroad, domain=domain, text=case[2], limit=100)
        for case, room_id in zip(everything, ids, strict=True)
    }
    assert [case for case in FOUND if not seen[case]] == []
    assert [case for case in NOT_FOUND if seen[case]] == []


async def test_notes_are_found_as_people_type(abroad: Catalogue) -> None:
    host = uuid4()
    [room_id] = await abroad.publish(a_room(language="zh"), host=host)
    note = {"room_id": room_id, "note_id": uuid4(), "kind": "term", "title": "Café", "text": "周三读书会"}
    await abroad.send(RecordNote.model_validate(note), host)
    for typed in ("cafe", "读书"):
        answer = await abroad.notes(room_id, host, text=typed)
        assert isinstance(answer, NotesFound)
        assert [each.note_id for each in answer.notes] == [note["note_id"]]


async def test_domain_and_sponsor_are_matched_without_accents_and_capitals(abroad: Catalogue) -> None:
    mark = uuid4().hex
    sponsor = {"kind": "organisation", "name": f"Straße É {mark}"}
    [room_id] = await abroad.publish(a_room(domain=f"Café İ {mark}", sponsor=sponsor), host=uuid4())
    assert await found(abroad, domain=f"CAFE I {mark}") == [room_id]
    assert await found(abroad, sponsor={"name": f"STRASSE e {mark}"}) == [room_id]
    assert await found(abroad, domain=f"cafe {mark}") == []
