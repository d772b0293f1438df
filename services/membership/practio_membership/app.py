"""The service: its handlers, queries and background loops."""

from collections.abc import Collection, Sequence
from typing import Any, get_args
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from practio_chassis.handling.erasing import person_restored
from practio_chassis.handling.exporting import exporting
from practio_chassis.service import Service
from practio_contracts.fields import Id
from practio_contracts.membership import (
    AcceptInvitation,
    AcceptOffer,
    ApproveRequest,
    AssignBuddy,
    ChangeRole,
    DecideRequests,
    DeclineInvitation,
    DeclineOffer,
    DeclineRequest,
    EndMemberships,
    ExchangeRoles,
    Explain,
    ExportPerson,
    FillSeats,
    GetHistory,
    GetMembership,
    GetRoster,
    GiveUpPlace,
    Invite,
    InviteFrom,
    LapseInvitation,
    LapseOffer,
    LapseRequest,
    LiftBar,
    ListMemberships,
    OfferSeat,
    PreviewRequests,
    Prioritise,
    RemindOfRequest,
    Remove,
    ReplayMemberships,
    RequestToJoin,
    RevokeInvitation,
    RevokeOffer,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.people import PersonErased, PersonRestored
from practio_contracts.rooms import RoomEvent
from practio_membership import handlers, queries
from practio_membership.gauges import GAUGES
from practio_membership.periodic.sweep import SWEEP
from practio_membership.personal_data import PERSONAL_DATA
from practio_membership.retention import RETENTION
from practio_membership.store import load
from practio_membership.tables import metadata

_ROOM_ID = TypeAdapter(Id)


def subjects_of(command: Command) -> Collection[str]:
    """Return the memberships that a command is about, or the room."""
    match command:
        case DecideRequests():
            people: Sequence[UUID] = [each.person_id for each in command.decisions]
        case ExchangeRoles():
            people = [each.person_id for each in command.assignments]
        case InviteFrom():
            people = command.person_ids
        case _:
            people = [each for each in [getattr(command, "person_id", None)] if each]
    room = getattr(command, "room_id", None)
    return [f"{room}/{each}" for each in people] or ([str(room)] if room else [])


def shard_key(data: Any) -> bytes | None:
    """Return the room of a command: its changes keep their order. A replay reads many rooms, and changes none."""
    try:
        return _ROOM_ID.validate_python(data.get("room_id")).bytes if isinstance(data, dict) else None
    except ValidationError:
        return None


SERVICE = Service(
    name="membership",
    metadata=metadata,
    personal_data=PERSONAL_DATA,
    migrations="practio_membership:migrations",
    subjects_of=subjects_of,
    prepare=load,
    finish_batch=handlers.finish_batch,
    continuing=frozenset({EndMemberships, FillSeats}),
    commands={
        RequestToJoin: handlers.request_to_join,
        ApproveRequest: handlers.approve_request,
        DeclineRequest: handlers.decline_request,
        DecideRequests: handlers.decide_requests,
        Withdraw: handlers.withdraw,
        AcceptOffer: handlers.accept_offer,
        DeclineOffer: handlers.decline_offer,
        OfferSeat: handlers.offer_seat,
        RevokeOffer: handlers.revoke_offer,
        Prioritise: handlers.prioritise,
        Invite: handlers.invite,
        InviteFrom: handlers.invite_from,
        RevokeInvitation: handlers.revoke_invitation,
        AcceptInvitation: handlers.accept_invitation,
        DeclineInvitation: handlers.decline_invitation,
        Remove: handlers.remove,
        LiftBar: handlers.lift_bar,
        ChangeRole: handlers.change_role,
        AssignBuddy: handlers.assign_buddy,
        ExchangeRoles: handlers.exchange_roles,
        LapseOffer: handlers.lapse_offer,
        RemindOfRequest: handlers.remind_of_request,
        LapseRequest: handlers.lapse_request,
        LapseInvitation: handlers.lapse_invitation,
        GiveUpPlace: handlers.give_up_place,
        EndMemberships: handlers.continue_ending,
        FillSeats: handlers.fill_seats,
        ReplayMemberships: handlers.replay_memberships,
    },
    events={
        **dict.fromkeys(get_args(RoomEvent), handlers.room_changed),
        PersonErased: handlers.person_erased,
        PersonRestored: person_restored,
    },
    queries={
        GetMembership: queries.get_membership,
        ListMemberships: queries.list_memberships,
        GetRoster: queries.get_roster,
        GetHistory: queries.get_history,
        Explain: queries.explain,
        PreviewRequests: queries.preview_of_requests,
        ExportPerson: exporting(PERSONAL_DATA, metadata),
    },
    shard_key=shard_key,
    background=[SWEEP, GAUGES, RETENTION],
)
