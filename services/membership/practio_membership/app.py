"""The service as a whole: what it is called, what it keeps, what it listens to."""

from practio_chassis.service import Service
from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    DeclineOffer,
    DeclineRequest,
    FillSeats,
    GetHistory,
    GetMembership,
    GetRoster,
    LapseOffer,
    LapseRequest,
    RequestToJoin,
    Withdraw,
)
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    RoomArchived,
    RoomCancelled,
    RoomClosed,
    RoomDrafted,
    RoomPublished,
    RoomReopened,
    RoomRevised,
)
from practio_membership import handlers, queries
from practio_membership.store import load
from practio_membership.tables import metadata
from practio_membership.timers import sweep

SERVICE = Service(
    name="membership",
    metadata=metadata,
    migrations="practio_membership:migrations",
    prepare=load,
    conclude=handlers.tell_how_full,
    commands={
        RequestToJoin: handlers.request_to_join,
        ApproveRequest: handlers.approve_request,
        DeclineRequest: handlers.decline_request,
        Withdraw: handlers.withdraw,
        AcceptOffer: handlers.accept_offer,
        DeclineOffer: handlers.decline_offer,
        LapseOffer: handlers.lapse_offer,
        LapseRequest: handlers.lapse_request,
        FillSeats: handlers.fill_seats,
    },
    facts={
        RoomDrafted: handlers.room_changed,
        RoomRevised: handlers.room_changed,
        RoomPublished: handlers.room_changed,
        RoomClosed: handlers.room_changed,
        RoomReopened: handlers.room_changed,
        RoomCancelled: handlers.room_changed,
        RoomArchived: handlers.room_changed,
        PersonErased: handlers.person_erased,
    },
    queries={
        GetMembership: queries.get_membership,
        GetRoster: queries.get_roster,
        GetHistory: queries.get_history,
    },
    background=[sweep],
)
