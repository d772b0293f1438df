"""Pages in the reader's language: what the messages call by codes, and what rules say in English, is put in words."""

from typing import Any

import pytest
from tests.unit.pages.builders import ADA, HOST, ROOM, a_change, a_history, a_room_shown, a_way, standing
from tests.unit.pages.sites import Visit, a_visit, accepted

from practio_contracts.membership import (
    HAS_OFFICE,
    DeclineInvitation,
    GetHistory,
    GetMembership,
    History,
    RequestToJoin,
    Status,
)
from practio_contracts.rooms import TRIAD, GetRoom

ITALIAN = a_way(locale="it", time_zone="Europe/Rome")


def on_the_way(status: Status, *moves: str, room: dict[str, Any] | None = None, **fields: Any) -> Visit:
    visit = a_visit()
    visit.desk.answers |= {
        GetRoom: a_room_shown(**(room or {})),
        GetMembership: standing(status, *moves, **fields),
        GetHistory: a_history(),
    }
    return visit


@pytest.mark.parametrize(
    ("role", "words"), [("observer", "osservazione"), ("coachee", "coachee"), ("Skipper", "Skipper")]
)
async def test_roles_that_formats_bring_are_put_in_words_and_others_stay_as_they_were_typed(
    role: str, words: str
) -> None:
    visit = on_the_way(Status.JOINED, role=role, room={"roles": [{"name": role}]})
    seen = await visit.get(visit.path(ITALIAN))
    assert f"Il tuo ruolo: {words}" in seen.words
    assert f"Ruoli {words}" in seen.words


async def test_a_role_that_is_wished_in_words_is_sent_by_its_name() -> None:
    visit = on_the_way(Status.WITHDRAWN, RequestToJoin.routing_key, room={"roles": [{"name": each} for each in TRIAD]})
    seen = await visit.get(visit.path(ITALIAN) + "/ask")
    options = seen.html.select("select")[0].select("option")
    assert [(each["value"], each.text) for each in options][-1] == ("observer", "osservazione")


async def test_a_reason_that_rules_give_is_put_in_words_and_one_that_people_gave_stays() -> None:
    visit = on_the_way(Status.WITHDRAWN)
    left = {"from": Status.JOINED, "by": str(HOST)}
    visit.desk.answers[GetHistory] = History(
        changes=[
            a_change("withdrawn", Status.WITHDRAWN, reason=HAS_OFFICE, **left),
            a_change("removed", Status.REMOVED, reason="As we said.", **left),
        ]
    )
    words = (await visit.get(visit.path(ITALIAN))).words
    assert "Posto lasciato , dall’host Chi ha un incarico nella stanza non ha bisogno di un posto." in words
    assert "As we said." in words
    assert HAS_OFFICE not in words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (Status.JOINED, "The seat was given up"),
        (Status.REQUESTED, "The request was withdrawn"),
        (Status.WAITLISTED, "Left the waitlist"),
        (Status.OFFERED, "Withdrawn"),
    ],
)
async def test_what_somebody_left_is_told(before: Status, words: str) -> None:
    visit = on_the_way(Status.WITHDRAWN)
    visit.desk.answers[GetHistory] = History(changes=[a_change("withdrawn", Status.WITHDRAWN, **{"from": before})])
    seen = await visit.get(visit.path(a_way(locale="en")))
    assert seen.html.select(".history strong")[0].text == words


@pytest.mark.parametrize(
    ("ahead", "language", "words"),
    [
        (0, "en", "You are next in line."),
        (0, "fr", "Le prochain tour est le vôtre."),
        (1, "fr", "Une personne est devant vous."),
        (2, "fr", "2 personnes sont devant vous."),
    ],
)
async def test_nobody_ahead_is_not_somebody_whatever_the_language_counts_as_one(
    ahead: int, language: str, words: str
) -> None:
    visit = on_the_way(Status.WAITLISTED, ahead=ahead)
    assert words in (await visit.get(visit.path(a_way(locale=language)))).words


async def test_who_declines_an_invitation_is_told_of_that_and_of_no_seat() -> None:
    visit = on_the_way(Status.INVITED, DeclineInvitation.routing_key)
    visit.desk.outcomes[DeclineInvitation] = accepted(DeclineInvitation)
    done = await visit.press(await visit.get(visit.path(ITALIAN)), "Declina l’invito")
    assert "Fatto: hai declinato l’invito." in done.words
    assert [(each.command, each.actor) for each in visit.desk.wished] == [
        (DeclineInvitation(room_id=ROOM, person_id=ADA), ADA)
    ]


async def test_what_goes_wrong_behind_a_link_is_told_in_the_language_of_its_letter() -> None:
    visit = a_visit()
    away = await visit.get(visit.path(ITALIAN))
    foreign = await visit.post(visit.path(ITALIAN), {"form": "x"})
    assert (away.status, foreign.status) == (503, 400)
    for seen in (away, foreign):
        assert seen.html.html is not None
        assert seen.html.html["lang"] == "it"
    assert "Questa pagina al momento non è disponibile" in away.words
