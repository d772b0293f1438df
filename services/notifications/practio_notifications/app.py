"""The service: its handlers, queries and background loops."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, get_args

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_chassis.handling.erasing import person_restored
from practio_chassis.handling.exporting import exporting
from practio_chassis.service import Running, Service
from practio_contracts.mail_addresses import address_key
from practio_contracts.membership import BuddyAssigned, MembershipEvent, OccupancyChanged
from practio_contracts.message import Command
from practio_contracts.notifications import (
    EndLinks,
    ExportPerson,
    GetPreferences,
    Introduce,
    LiftSuppression,
    ListLetters,
    NamePeople,
    ReportBounce,
    ReportReply,
    ResendLetter,
    SendLink,
    SetPreferences,
)
from practio_contracts.people import Person, PersonErased, PersonRestored
from practio_contracts.rooms import (
    RoomAwake,
    RoomEvent,
    RoomQuiet,
    SessionAnswered,
    SessionPlanned,
    SponsorRegistered,
    SponsorReported,
)
from practio_notifications.delivery.sender import Sender
from practio_notifications.gauges import GAUGES
from practio_notifications.handlers.commands import bounces, introductions, links, preferences, replies, resending
from practio_notifications.handlers.events import (
    buddies,
    care,
    memberships,
    people,
    rooms,
    session_participation,
    sponsors,
)
from practio_notifications.letters.recipients import BareEvent
from practio_notifications.periodic.added_dates import ANNOUNCEMENTS
from practio_notifications.periodic.care import CARE
from practio_notifications.periodic.reminders import REMINDERS
from practio_notifications.personal_data import PERSONAL_DATA
from practio_notifications.queries import letters
from practio_notifications.retention import RETENTION
from practio_notifications.store.projections import Projections, load
from practio_notifications.tables import metadata

_NEW_LETTERS = asyncio.Event()


async def prepare(session: AsyncSession, batch: Sequence[ReceivedMessage[Any]], _now: datetime) -> Projections:
    """Return what a batch needs, and wake the sender once the batch is committed."""
    event.listen(session.sync_session, "after_commit", lambda _: _NEW_LETTERS.set(), once=True)
    return await load(session, batch)


async def finish_batch(context: MessageContext[Projections]) -> None:
    """Write what the handlers of a batch only recorded."""
    await context.loaded.memberships.write(context.session)
    await context.loaded.occupancies.write(context.session)


async def send_letters(running: Running) -> None:
    """Send letters until the service stops."""
    await Sender(running, _NEW_LETTERS).run()


def subjects_of(command: Command) -> Collection[str]:
    """Return the letter, the person and the address that a command is about; of the address, a hash."""
    subjects = [str(each) for each in (getattr(command, name, None) for name in ("letter_id", "person_id")) if each]
    if isinstance(command, ReportBounce | LiftSuppression):
        subjects.append(sha256(address_key(command.email).encode()).hexdigest())
    return subjects


SERVICE = Service(
    name="notifications",
    metadata=metadata,
    personal_data=PERSONAL_DATA,
    migrations="practio_notifications:migrations",
    subjects_of=subjects_of,
    prepare=prepare,
    finish_batch=finish_batch,
    commands={
        SetPreferences: preferences.set_preferences,
        ReportBounce: bounces.report_bounce,
        ReportReply: replies.report_reply,
        LiftSuppression: bounces.lift_suppression,
        ResendLetter: resending.resend_letter,
        SendLink: links.send_link,
        Introduce: introductions.introduce,
        EndLinks: links.end_links,
    },
    events={
        **dict.fromkeys(get_args(Person), people.person_changed),
        PersonErased: people.person_erased,
        PersonRestored: person_restored,
        **dict.fromkeys(get_args(RoomEvent), rooms.room_changed),
        **dict.fromkeys(get_args(BareEvent), session_participation.room_news),
        BuddyAssigned: buddies.buddy_assigned,
        RoomQuiet: care.room_quiet,
        RoomAwake: care.room_awake,
        SessionAnswered: session_participation.session_answered,
        SessionPlanned: session_participation.session_planned,
        **dict.fromkeys(get_args(MembershipEvent), memberships.membership_changed),
        OccupancyChanged: memberships.occupancy_changed,
        SponsorRegistered: sponsors.sponsor_registered,
        SponsorReported: sponsors.sponsor_reported,
    },
    queries={
        ListLetters: letters.list_letters,
        GetPreferences: letters.get_preferences,
        NamePeople: letters.name_people,
        ExportPerson: exporting(PERSONAL_DATA, metadata),
    },
    background=[send_letters, REMINDERS, ANNOUNCEMENTS, CARE, GAUGES, RETENTION],
)
