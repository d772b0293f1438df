"""Pages in the reader's language: codes and the English reasons of rules are translated."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_change, a_history, a_membership_result, a_room_shown, a_way
from tests.unit.pages.sites import Visit, a_visit, accepted

from practio_contracts.membership import (
    HAS_OFFICE,
    HAS_SEAT_ELSEWHERE,
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
    visit.gateway.answers |= {
        GetRoom: a_room_shown(**(room or {})),
        GetMembership: a_membership_result(status, *moves, **fields),
        GetHistory: a_history(),
    }
    return visit


@every_case(("role", "words"), [("observer", "osservazione"), ("coachee", "coachee"), ("Skipper", "Skipper")])
async def test_roles_of_formats_are_translated_and_others_stay_as_they_were_entered(role: str, words: str) -> None:
    visit = on_the_way(Status.JOINED, role=role, room={"roles": [{"name": role}]})
    seen = await visit.get(visit.path(ITALIAN))
    assert f"Il tuo ruolo: {words}" in seen.words
    assert f"Ruoli {words}" in seen.words


async def test_a_translated_role_is_sent_by_its_name() -> None:
    visit = on_the_way(Status.WITHDRAWN, RequestToJoin.routing_key, room={"roles": [{"name": each} for each in TRIAD]})
    seen = await visit.get(visit.path(ITALIAN) + "/ask")
    options = seen.html.select("select")[0].select("option")
    assert [(each["value"], each.get_text()) for each in options][-1] == ("observer", "osservazione")


async def test_a_reason_from_rules_is_translated_and_one_from_people_stays() -> None:
    visit = on_the_way(Status.WITHDRAWN)
    left = {"from": Status.JOINED, "by": str(HOST)}
    visit.gateway.answers[GetHistory] = History(
        changes=[
            a_change("withdrawn", Status.WITHDRAWN, reason=HAS_OFFICE, **left),
            a_change("withdrawn", Status.WITHDRAWN, reason=HAS_SEAT_ELSEWHERE, **left),
            a_change("withdrawn", Status.WITHDRAWN, reason=HAS_SEAT_ELSEWHERE, **left | {"by": str(ADA)}),
            a_change("removed", Status.REMOVED, reason="As we said.", **left),
        ]
    )
    words = (await visit.get(visit.path(ITALIAN))).words
    assert "Posto lasciato , dall’host Chi ha un incarico nella stanza non ha bisogno di un posto." in words
    assert "As we said." in words
    assert "Questa persona ora ha un posto nella stanza per cui aveva ricevuto l’invito da qui." in words
    assert "Ora hai un posto nella stanza per cui avevi ricevuto l’invito da qui." in words
    assert HAS_OFFICE not in words
    assert HAS_SEAT_ELSEWHERE not in words


@every_case(
    ("before", "words"),
    [
        (Status.JOINED, "The seat was given up"),
        (Status.REQUESTED, "The request was withdrawn"),
        (Status.WAITLISTED, "Left the waitlist"),
        (Status.OFFERED, "Withdrawn"),
    ],
)
async def test_the_history_names_what_a_person_left(before: Status, words: str) -> None:
    visit = on_the_way(Status.WITHDRAWN)
    visit.gateway.answers[GetHistory] = History(changes=[a_change("withdrawn", Status.WITHDRAWN, **{"from": before})])
    seen = await visit.get(visit.path(a_way(locale="en")))
    assert seen.html.select(".history strong")[0].get_text() == words


@every_case(
    ("ahead", "language", "words"),
    [
        (0, "en", "You are next in line."),
        (0, "fr", "Le prochain tour est le vôtre."),
        (1, "fr", "Une personne est devant vous."),
        (2, "fr", "2 personnes sont devant vous."),
    ],
)
async def test_nobody_ahead_is_never_counted_as_one(ahead: int, language: str, words: str) -> None:
    visit = on_the_way(Status.WAITLISTED, ahead=ahead)
    assert words in (await visit.get(visit.path(a_way(locale=language)))).words


async def test_declining_an_invitation_is_confirmed_without_mention_of_a_seat() -> None:
    visit = on_the_way(Status.INVITED, DeclineInvitation.routing_key)
    visit.gateway.outcomes[DeclineInvitation] = accepted(DeclineInvitation)
    done = await visit.press(await visit.get(visit.path(ITALIAN)), "Declina l’invito")
    assert "Fatto: hai declinato l’invito." in done.words
    assert [(each.command, each.actor) for each in visit.gateway.sent] == [
        (DeclineInvitation(room_id=ROOM, person_id=ADA), ADA)
    ]


async def test_errors_behind_a_link_are_shown_in_the_language_of_its_letter() -> None:
    visit = a_visit()
    away = await visit.get(visit.path(ITALIAN))
    foreign = await visit.post(visit.path(ITALIAN), {"form": "x"})
    assert (away.status, foreign.status) == (503, 400)
    for seen in (away, foreign):
        assert seen.html["lang"] == "it"
    assert "Questa pagina al momento non è disponibile" in away.words
