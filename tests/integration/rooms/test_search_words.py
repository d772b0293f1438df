"""Finding rooms by words, in the language of each room, best match first."""

import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room
from tests.support.thorough import times

from practio_contracts.rooms import ReviseRoom
from practio_rooms.queries import ranking


def a_domain() -> str:
    """Return a domain that no other test uses, without a word that a test searches for."""
    return f"{uuid4().int}"


async def found(catalogue: Catalogue, **asked: Any) -> list[UUID]:
    return [room.room_id for room in (await catalogue.search(**asked)).rooms]


async def walked(catalogue: Catalogue, **asked: Any) -> list[UUID]:
    """Read all pages to the end."""
    page = await catalogue.search(**asked)
    ids = [room.room_id for room in page.rooms]
    while page.after:
        page = await catalogue.search(**asked | {"after": page.after})
        ids += [room.room_id for room in page.rooms]
    return ids


@pytest.mark.parametrize(
    ("language", "title", "typed"),
    [
        ("en", "Coaching leaders", "leader"),
        ("en-GB", "Reflections on teaching", "reflecting"),
        ("de", "Kollegiale Fallberatungen", "fallberatung"),
        ("de-AT", "Häuser der Pflege", "haus pflegen"),
        ("fr", "Analyses de pratiques professionnelles", "pratique professionnel"),
        ("it", "Gruppi di intervisione", "gruppo intervisioni"),
        ("es", "Supervisiones entre enfermeras", "enfermera supervisión"),
        ("nl", "Intervisies voor leraren", "leraar intervisie"),
        ("cs", "Intervize pro ředitele", "intervize ředitele"),
        ("cs", "Intervize pro ředitele", "interv"),
        ("en", "Supervision for midwives", "superv"),
        ("de", "Supervision für Hebammen", "hebammen superv"),
        ("en", "What the therapist knows", "the"),
        ("en", "Peer co-vision", "peer co-vis"),
        ("fr", "L'école ouverte", "l'école ouv"),
        ("ru", "Группы взаимной поддержки", "группа"),
        ("ja", "事例検討会", "事例"),
    ],
)
async def test_a_room_is_found_in_its_own_language(catalogue: Catalogue, language: str, title: str, typed: str) -> None:
    domain = a_domain()
    fitting, _other = await catalogue.publish(
        a_room(domain=domain, language=language, title=title, purpose="-", for_whom="-"),
        a_room(domain=domain, language=language, title="Nihil", purpose="-", for_whom="-"),
        host=uuid4(),
    )
    assert await found(catalogue, domain=domain, text=typed) == [fitting]
    assert await found(catalogue, domain=domain, text=typed, language=language) == [fitting]


@pytest.mark.parametrize(
    "typed", ["midwives -doulas", '"peer coaching"', "???", '"', "-peer", "coaching xyzzy", "leade -leaders"]
)
async def test_rooms_that_do_not_match_are_not_found(catalogue: Catalogue, typed: str) -> None:
    domain = a_domain()
    rooms = [
        a_room(domain=domain, language=language, title="Coaching midwives, doulas and peer leaders", for_whom="-")
        for language in ("en", "de", "cs")
    ]
    await catalogue.publish(*rooms, host=uuid4())
    assert await found(catalogue, domain=domain, text=typed) == []


async def test_a_room_that_changes_its_language_is_found_in_the_new_one(catalogue: Catalogue) -> None:
    domain, host = a_domain(), uuid4()
    [room_id] = await catalogue.publish(a_room(domain=domain, title="Häuser", language="cs"), host=host)
    assert await found(catalogue, domain=domain, text="haus und mehr") == []
    await catalogue.send(ReviseRoom(room_id=room_id, language="de", purpose="Viel mehr"), host)
    assert await found(catalogue, domain=domain, text="haus und mehr") == [room_id]


async def test_the_best_match_is_first_unless_an_order_is_asked_for(catalogue: Catalogue) -> None:
    domain, host = a_domain(), uuid4()

    async def publish(**fields: str) -> UUID:
        texts: dict[str, Any] = {"title": "Circle", "purpose": "We meet", "for_whom": "All", **fields}
        [room_id] = await catalogue.publish(a_room(domain=domain, **texts), host=host)
        return room_id

    in_title = await publish(title="Mediation")
    in_purpose = await publish(purpose="We practise mediation")
    for_whom = await publish(for_whom="People in mediation")
    assert await found(catalogue, domain=domain, text="mediation") == [in_title, in_purpose, for_whom]
    newest = [for_whom, in_purpose, in_title]
    assert await found(catalogue, domain=domain, text="mediation", order="newest") == newest
    assert await walked(catalogue, domain=domain, text="mediation", limit=1) == [in_title, in_purpose, for_whom]


async def test_matches_of_a_common_word_are_ranked_block_by_block_and_shown_once(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "BLOCK", 4)
    domain, host = a_domain(), uuid4()
    plain = [a_room(domain=domain, title="Circle", purpose="We practise juggling") for _ in range(3)]
    titled = [a_room(domain=domain, title="Juggling", purpose="We meet") for _ in range(3)]
    older = await catalogue.publish(titled[0], *plain[:2], host=host)
    newer = await catalogue.publish(titled[1], plain[2], titled[2], host=host)
    ids = await walked(catalogue, domain=domain, text="juggling", limit=2)
    assert sorted(ids) == sorted([*older, *newer])
    assert set(ids[:2]) == {newer[0], newer[2]}
    assert await walked(catalogue, domain=domain, text="juggling", limit=5) == ids


async def test_the_soonest_session_is_first_and_rooms_without_one_are_last(catalogue: Catalogue) -> None:
    domain = a_domain()
    rooms = [a_room(domain=domain) for _ in range(5)]
    later, none, soonest, soon, other = await catalogue.publish(*rooms, host=uuid4())
    for days, room_id in ((9, later), (1, soonest), (3, soon)):
        await meets(catalogue, room_id, days=days)
    expected = [soonest, soon, later, *sorted((none, other), reverse=True)]
    assert await found(catalogue, domain=domain, order="soonest") == expected
    assert await walked(catalogue, domain=domain, order="soonest", limit=2) == expected


async def meets(catalogue: Catalogue, room_id: UUID, *, days: int) -> None:
    """Set a room's next session so many days after the start of 2040, as its timers would."""
    instant = f"2040-01-{days:02d}T18:00:00Z"
    statement = (
        "UPDATE room SET snapshot = jsonb_set(snapshot, '{next_session_at}', to_jsonb(CAST(:at AS text))),"
        " soonness = - (extract(epoch FROM CAST(CAST(:at AS text) AS timestamptz)) * 1000000)::bigint"
        " WHERE room_id = :room"
    )
    async with catalogue.pool.begin() as connection:
        await connection.execute(text(statement), {"at": instant, "room": room_id})


@pytest.mark.parametrize("order", ["newest", "soonest"])
async def test_a_cursor_of_one_order_is_refused_in_another(catalogue: Catalogue, order: str) -> None:
    domain = a_domain()
    await catalogue.publish(*(a_room(domain=domain) for _ in range(2)), host=uuid4())
    page = await catalogue.search(domain=domain, order=order, limit=1)
    other = "soonest" if order == "newest" else "newest"
    answers = [
        await catalogue.searched(domain=domain, order=other, after=page.after),
        await catalogue.searched(domain=domain, text="heads", after=page.after),
    ]
    assert [getattr(answer, "code", None) for answer in answers] == ["invalid", "invalid"]


SPECIAL = [
    "\\",
    "'",
    '"',
    "%",
    "_",
    "|",
    "&",
    "!",
    ":",
    "*",
    "(",
    ")",
    "<->",
    "-",
    "$1",
    "{",
    "}",
    "[",
    "^",
    "?",
    "\u0301",
    "a",
]
"""What PostgreSQL, LIKE, regular expressions, tsquery or JSON read as more than a character."""


@pytest.mark.parametrize("typed", ["\\", "\\\\", "\\ ", "'", "a\\", "\\a", "!", ":*", "a:*", "' | '", "(((", "\u0301"])
async def test_any_text_can_be_searched_for(catalogue: Catalogue, typed: str) -> None:
    await catalogue.search(text=typed)


async def test_any_mixture_of_special_characters_can_be_searched_for(catalogue: Catalogue) -> None:
    seed = 12
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in times(50, thoroughly=200):
        await catalogue.search(text="".join(chance.choices([*SPECIAL, " "], k=chance.randrange(1, 9))) or "a")
