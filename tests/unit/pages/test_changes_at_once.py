"""Two people who press the button of a form in the same instant: the second sees what the first one changed."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.unit.pages.every_page import COMING, filled_in, with_parts
from tests.unit.pages.hosts import BEN, CLEO
from tests.unit.pages.sessions import HOSTED, a_result, a_visit_to, in_days, opened, running
from tests.unit.pages.sites import PreparedGateway, Seen, Visit, accepted
from tests.unit.pages.test_desk_sessions import change, pressed, with_sessions
from tests.unit.pages.test_desk_sessions import opened as opened_desk

from practio_contracts.answers import CommandAccepted
from practio_contracts.message import Query
from practio_contracts.rooms import (
    GetSession,
    ListSessions,
    PlanSession,
    RecordAttendance,
    RescheduleSession,
    SessionsFound,
)


class UnhurriedGateway(PreparedGateway):
    """Lets everything else go on before it answers a query, with what was true when it was asked."""

    async def ask(self, query: Query, answer: type[Any], *, actor: UUID) -> Any:
        found = await super().ask(query, answer, actor=actor)
        for _ in range(20):
            await asyncio.sleep(0)
        return found


async def at_once(visit: Visit, *pressing: Awaitable[Seen]) -> list[int]:
    """Return the statuses of pages that are asked for in the same instant, in order of number."""
    unhurried = UnhurriedGateway()
    unhurried.__dict__.update(visit.gateway.__dict__)
    with_parts(visit, gateway=unhurried)
    return sorted(each.status for each in await asyncio.gather(*pressing))


async def test_of_two_moves_one_takes_effect_and_is_shown_to_the_other() -> None:
    visit = with_sessions(COMING)

    def move(command: RescheduleSession) -> CommandAccepted:
        span = timedelta(days=command.starts_at.day - 2)
        moved = {name: getattr(COMING, name) + span for name in ("starts_at", "ends_at")}
        visit.gateway.answers[ListSessions] = SessionsFound(sessions=[COMING.model_copy(update=moved)], after=None)
        return accepted(RescheduleSession)

    visit.gateway.outcomes[RescheduleSession] = move
    seen = await opened_desk(visit, change("move"))
    shown = [await pressed(visit, seen, "Show what follows", date=day) for day in ("2900-03-03", "2900-03-04")]
    pressing = [pressed(visit, each, "Move the session") for each in shown]
    assert await at_once(visit, *pressing) == [200, 409]
    assert len(visit.gateway.sent) == 1


async def test_of_two_plans_one_is_saved_and_shown_to_the_other() -> None:
    session = in_days()
    visit = a_visit_to(a_result(session), **HOSTED)

    def plan(command: PlanSession) -> CommandAccepted:
        visit.gateway.answers[GetSession] = a_result(session, guests=command.guests)
        return accepted(PlanSession)

    visit.gateway.outcomes[PlanSession] = plan
    seen = await opened(visit, "/plan")
    fields = filled_in(seen.form("Save the plan"))
    pressing = [visit.post(seen.path, fields | {"guests": name}) for name in ("Dr. Berg", "Noor")]
    assert await at_once(visit, *pressing) == [200, 409]
    assert len(visit.gateway.sent) == 1


async def test_what_one_records_of_somebody_is_kept_if_the_other_left_them_alone() -> None:
    session = running()
    visit = a_visit_to(a_result(session, present=[], absent=[]), **HOSTED)

    def record(command: RecordAttendance) -> CommandAccepted:
        before = visit.gateway.answers[GetSession]
        present = {*before.present, *command.present} - {*command.absent}  # type: ignore[union-attr]
        absent = {*before.absent, *command.absent} - {*command.present}  # type: ignore[union-attr]
        visit.gateway.answers[GetSession] = a_result(session, present=list(present), absent=list(absent))
        return accepted(RecordAttendance)

    visit.gateway.outcomes[RecordAttendance] = record
    seen = await opened(visit, "/attendance")
    fields = filled_in(seen.form("Record who came"))
    without_ben = {name: text for name, text in fields.items() if name != f"came-{BEN}"}
    pressing = [
        visit.post(seen.path, without_ben | {f"came-{CLEO}": "yes"}),
        visit.post(seen.path, fields),
    ]
    assert await at_once(visit, *pressing) == [200, 200]
    recorded = visit.gateway.answers[GetSession]
    assert (CLEO in recorded.present, BEN in recorded.absent) == (True, True)  # type: ignore[union-attr]
