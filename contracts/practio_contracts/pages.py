"""What people do on pages: every command and query, with the pages that send it or the reason why none does.

Pages publishes one event, in the name of a person who says who they are. The account of pages is granted what a page
sends, and nothing else. A new command or query needs a row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from practio_contracts import membership, notifications, rooms
from practio_contracts.message import Command, Query
from practio_contracts.people import PersonRegistered

HOME = "home"
"""The page at the root of the site; all others are named by the first part of their path."""


@dataclass(frozen=True, slots=True)
class Use:
    """The ``pages`` that send a message, or the ``reason`` why none does."""

    pages: frozenset[str] = frozenset()
    reason: str = ""


def _on(*pages: str) -> Use:
    return Use(pages=frozenset(pages))


SYSTEM_ONLY = Use(reason="services refuse it to every person: systems and operators alone send it")
_DECIDED_TOGETHER = Use(reason="the page of requests sends decide-requests, for one person as for several")

USES: Mapping[type[Command | Query | PersonRegistered], Use] = {
    rooms.SearchRooms: _on(HOME, "rooms", "rooms.atom", "rooms.json", "sessions.ics"),
    rooms.GetRoom: _on(
        "room",
        "rooms",
        "way",
        "desk",
        "memory",
        "queue",
        "preferences",
        "start",
        "me",
        "feedback",
        "session",
        "sessions.ics",
        "check-in",
    ),
    rooms.Thank: _on("desk", "memory"),
    rooms.ListThanks: _on("desk", "memory", "way"),
    rooms.ReportConduct: _on("way"),
    rooms.SettleConduct: _on("desk"),
    rooms.ListConductReports: _on("desk"),
    rooms.GetCertificate: _on("certificate"),
    rooms.VerifyCertificate: _on("verify"),
    rooms.CreateRoom: _on("start"),
    rooms.CopyRoom: _on("desk"),
    rooms.ReviseRoom: _on("start", "desk"),
    rooms.PublishRoom: _on("start"),
    rooms.CloseRoom: _on("desk"),
    rooms.ReopenRoom: _on("desk"),
    rooms.CancelRoom: _on("desk"),
    rooms.ArchiveRoom: _on("desk"),
    rooms.DiscardDraft: _on("desk"),
    rooms.Appoint: _on("desk"),
    rooms.Dismiss: _on("desk", "me"),
    rooms.HandOver: _on("desk"),
    rooms.AcceptHandOver: _on("way"),
    rooms.DeclineHandOver: _on("way", "desk", "me"),
    rooms.ScheduleSession: _on("desk"),
    rooms.RescheduleSession: _on("desk"),
    rooms.CancelSession: _on("desk"),
    rooms.ReviseSession: _on("desk"),
    rooms.AnswerSession: _on("session"),
    rooms.PlanSession: _on("session"),
    rooms.RecordAttendance: _on("session"),
    rooms.CheckIn: _on("session"),
    rooms.Announce: _on("desk"),
    rooms.GetSession: _on("session", "check-in", "desk"),
    rooms.ListSessions: _on("desk", "way", "memory", "feedback"),
    rooms.ListOwnRooms: _on("rooms", "care", "start", "me"),
    rooms.ListAgenda: _on("rooms", "calendar"),
    rooms.GiveFeedback: _on("feedback"),
    rooms.GetFeedback: _on("desk"),
    rooms.GetReport: _on("desk"),
    rooms.ReportRooms: _on("sponsor"),
    rooms.ListSponsors: _on("desk"),
    rooms.RegisterSponsor: SYSTEM_ONLY,
    rooms.RecordNote: _on("desk", "memory"),
    rooms.ReviseNote: _on("desk", "memory"),
    rooms.WithdrawNote: _on("desk", "memory"),
    rooms.ListNotes: _on("desk", "memory", "session"),
    rooms.ExportPerson: _on("me"),
    rooms.ReplayRooms: SYSTEM_ONLY,
    rooms.RestoreRoom: SYSTEM_ONLY,
    membership.RequestToJoin: _on("way", "rooms"),
    membership.AcceptInvitation: _on("way", "rooms"),
    membership.DeclineInvitation: _on("way"),
    membership.AcceptOffer: _on("way"),
    membership.DeclineOffer: _on("way"),
    membership.Withdraw: _on("way", "me"),
    membership.ApproveRequest: _DECIDED_TOGETHER,
    membership.DeclineRequest: _DECIDED_TOGETHER,
    membership.DecideRequests: _on("queue"),
    membership.OfferSeat: _on("desk"),
    membership.RevokeOffer: _on("desk"),
    membership.Prioritise: _on("desk"),
    membership.Invite: _on("desk"),
    membership.InviteFrom: _on("desk"),
    membership.RevokeInvitation: _on("desk"),
    membership.Remove: _on("desk"),
    membership.LiftBar: _on("desk"),
    membership.ChangeRole: _on("desk"),
    membership.AssignBuddy: _on("desk"),
    membership.ExchangeRoles: _on("desk"),
    membership.GetMembership: _on("way", "rooms", "desk", "feedback", "session"),
    membership.ListMemberships: _on("rooms", "preferences", "me"),
    membership.GetRoster: _on("desk", "queue"),
    membership.GetHistory: _on("way", "desk"),
    membership.Explain: _on("way", "rooms", "desk"),
    membership.PreviewRequests: Use(
        reason="operators try out an import with it; on pages, people request for themselves"
    ),
    membership.ExportPerson: _on("me"),
    membership.ReplayMemberships: SYSTEM_ONLY,
    notifications.SetPreferences: _on("preferences", "stop"),
    notifications.GetPreferences: _on(
        "way",
        "desk",
        "memory",
        "start",
        "queue",
        "rooms",
        "care",
        "preferences",
        "stop",
        "me",
        "calendar",
        "feedback",
        "introduce",
        "session",
        "check-in",
        "sponsor",
        "certificate",
    ),
    notifications.SendLink: _on("link", "check-in"),
    notifications.Introduce: _on("desk"),
    notifications.EndLinks: _on("preferences", "me", "rooms"),
    notifications.NamePeople: _on("way", "desk", "memory", "queue", "session", "certificate"),
    notifications.ExportPerson: _on("me"),
    notifications.ListLetters: Use(
        reason="people have their letters in their mailbox; operators look at what was sent"
    ),
    notifications.ReportBounce: SYSTEM_ONLY,
    notifications.ReportReply: SYSTEM_ONLY,
    notifications.LiftSuppression: SYSTEM_ONLY,
    notifications.ResendLetter: SYSTEM_ONLY,
    PersonRegistered: _on("introduce"),
}
"""The one table of what a person may do through pages."""

SENT_BY_PAGES = tuple(message.routing_key for message, use in USES.items() if use.pages)
"""The routing keys of all messages that pages send."""
