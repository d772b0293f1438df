"""The service as a whole: what it is called, what it keeps, what it listens to."""

from practio_chassis.service import Service
from practio_contracts.membership import Ended, Joined, OccupancyChanged, Withdrawn
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    CreateRoom,
    GetRoom,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
    SearchRooms,
)
from practio_rooms import handlers, queries
from practio_rooms.store import load
from practio_rooms.tables import metadata

SERVICE = Service(
    name="rooms",
    metadata=metadata,
    migrations="practio_rooms:migrations",
    prepare=load,
    commands={
        CreateRoom: handlers.create_room,
        ReviseRoom: handlers.revise_room,
        PublishRoom: handlers.publish_room,
        CloseRoom: handlers.close_room,
        ReopenRoom: handlers.reopen_room,
        CancelRoom: handlers.cancel_room,
        ArchiveRoom: handlers.archive_room,
    },
    facts={
        OccupancyChanged: handlers.occupancy_changed,
        Joined: handlers.membership_changed,
        Withdrawn: handlers.membership_changed,
        Ended: handlers.membership_changed,
        PersonErased: handlers.person_erased,
    },
    queries={GetRoom: queries.get_room, SearchRooms: queries.search_rooms},
)
