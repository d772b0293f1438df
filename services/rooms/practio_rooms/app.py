"""The service: its name, its tables, and the handlers of its messages."""

from collections.abc import Collection, Sequence

from practio_chassis.handling.erasing import person_restored
from practio_chassis.handling.exporting import exporting
from practio_chassis.service import Service
from practio_contracts.membership import (
    Declined,
    Ended,
    Joined,
    MembershipReplayed,
    OccupancyChanged,
    OfferDeclined,
    OfferLapsed,
    Removed,
    Requested,
    RequestLapsed,
    SeatOffered,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.message import Command
from practio_contracts.people import PersonErased, PersonRestored
from practio_contracts.rooms import (
    AcceptHandOver,
    Announce,
    AnswerSession,
    Appoint,
    ArchiveRoom,
    CancelRoom,
    CancelSession,
    CheckIn,
    CloseRoom,
    CopyRoom,
    CreateRoom,
    DeclineHandOver,
    DiscardDraft,
    Dismiss,
    ExportPerson,
    FollowSponsor,
    GetCertificate,
    GetFeedback,
    GetReport,
    GetRoom,
    GetSession,
    GiveFeedback,
    HandOver,
    ListAgenda,
    ListConductReports,
    ListNotes,
    ListOwnRooms,
    ListSessions,
    ListSponsors,
    ListThanks,
    LookAfterRoom,
    PassSession,
    PlanSession,
    PublishRoom,
    RecordAttendance,
    RecordNote,
    RegisterSponsor,
    ReopenRoom,
    ReplayRooms,
    ReportConduct,
    ReportRooms,
    RescheduleSession,
    RestoreRoom,
    ReviseNote,
    ReviseRoom,
    ReviseSession,
    ScheduleSession,
    Scope,
    SearchRooms,
    SettleConduct,
    Thank,
    TopUpSeries,
    VerifyCertificate,
    WatchSessions,
    WithdrawNote,
)
from practio_rooms import handlers, queries
from practio_rooms.gauges import GAUGES
from practio_rooms.periodic.care import CARE
from practio_rooms.periodic.certificates import CERTIFICATES
from practio_rooms.periodic.months import MONTHS
from practio_rooms.periodic.sweep import SWEEP
from practio_rooms.personal_data import PERSONAL_DATA
from practio_rooms.retention import RETENTION
from practio_rooms.store import finish_batch, load
from practio_rooms.tables import metadata


def subjects_of(command: Command) -> Collection[str]:
    """Return the report, the note, the person's part in a session, or what else a command is about.

    There is one open proposal of a hand-over in a room, and what is done to all dates that follow concerns each other.
    """
    shared = []
    if isinstance(command, HandOver | AcceptHandOver | DeclineHandOver):
        shared.append(f"{command.room_id}/hand-over")
    if isinstance(command, RescheduleSession | ReviseSession | CancelSession) and command.scope is Scope.FOLLOWING:
        shared.append(f"{command.room_id}/following")
    return [*_main_subject(command), *shared]


def _main_subject(command: Command) -> Sequence[str]:
    for names in (
        ("report_id",),
        ("thanks_id",),
        ("note_id",),
        ("announcement_id",),
        ("session_id", "person_id"),
        ("session_id",),
        ("room_id", "person_id"),
        ("room_id",),
        ("sponsor_id",),
    ):
        if all(ids := [getattr(command, name, None) for name in names]):
            return ["/".join(map(str, ids))]
    return []


SERVICE = Service(
    name="rooms",
    metadata=metadata,
    personal_data=PERSONAL_DATA,
    migrations="practio_rooms:migrations",
    subjects_of=subjects_of,
    prepare=load,
    finish_batch=finish_batch,
    commands={
        CreateRoom: handlers.create_room,
        CopyRoom: handlers.copy_room,
        ReviseRoom: handlers.revise_room,
        PublishRoom: handlers.publish_room,
        CloseRoom: handlers.close_room,
        ReopenRoom: handlers.reopen_room,
        CancelRoom: handlers.cancel_room,
        ArchiveRoom: handlers.archive_room,
        DiscardDraft: handlers.discard_draft,
        Appoint: handlers.appoint,
        Dismiss: handlers.dismiss,
        HandOver: handlers.hand_over,
        AcceptHandOver: handlers.accept_hand_over,
        DeclineHandOver: handlers.decline_hand_over,
        ScheduleSession: handlers.schedule_session,
        RescheduleSession: handlers.reschedule_session,
        ReviseSession: handlers.revise_session,
        CancelSession: handlers.cancel_session,
        TopUpSeries: handlers.top_up_series,
        PassSession: handlers.pass_session,
        WatchSessions: handlers.watch_sessions,
        LookAfterRoom: handlers.look_after_room,
        AnswerSession: handlers.answer_session,
        PlanSession: handlers.plan_session,
        RecordAttendance: handlers.record_attendance,
        CheckIn: handlers.check_in,
        Announce: handlers.announce,
        GiveFeedback: handlers.give_feedback,
        Thank: handlers.thank,
        ReportConduct: handlers.report_conduct,
        SettleConduct: handlers.settle_conduct,
        RecordNote: handlers.record_note,
        ReviseNote: handlers.revise_note,
        WithdrawNote: handlers.withdraw_note,
        RegisterSponsor: handlers.register_sponsor,
        FollowSponsor: handlers.follow_sponsor,
        ReplayRooms: handlers.replay_rooms,
        RestoreRoom: handlers.restore_room,
    },
    events={
        OccupancyChanged: handlers.occupancy_changed,
        Requested: handlers.membership_changed,
        Waitlisted: handlers.membership_changed,
        SeatOffered: handlers.membership_changed,
        Joined: handlers.membership_changed,
        Declined: handlers.membership_changed,
        Withdrawn: handlers.membership_changed,
        OfferLapsed: handlers.membership_changed,
        OfferDeclined: handlers.membership_changed,
        RequestLapsed: handlers.membership_changed,
        Removed: handlers.membership_changed,
        Ended: handlers.membership_changed,
        MembershipReplayed: handlers.membership_changed,
        PersonErased: handlers.person_erased,
        PersonRestored: person_restored,
    },
    queries={
        GetRoom: queries.get_room,
        SearchRooms: queries.search_rooms,
        GetFeedback: queries.get_feedback,
        GetReport: queries.get_report,
        ReportRooms: queries.report_rooms,
        ListNotes: queries.list_notes,
        ListOwnRooms: queries.list_own_rooms,
        ListSessions: queries.list_sessions,
        ListAgenda: queries.list_agenda,
        GetSession: queries.get_session,
        ListThanks: queries.list_thanks,
        ListSponsors: queries.list_sponsors,
        ListConductReports: queries.list_conduct_reports,
        GetCertificate: queries.get_certificate,
        VerifyCertificate: queries.verify_certificate,
        ExportPerson: exporting(PERSONAL_DATA, metadata),
    },
    background=[RETENTION, SWEEP, CARE, MONTHS, CERTIFICATES, GAUGES],
)
