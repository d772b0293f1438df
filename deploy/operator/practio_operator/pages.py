"""The account of pages: an outside account like any other, which may publish what members do there and nothing else."""

from practio_contracts import membership, notifications, rooms
from practio_operator.provisioning.accounts import add_publisher
from practio_operator.provisioning.target import ProvisionTarget

PAGES = "pages"
"""The name of the service and of its account on the broker."""

MAY = tuple(
    message.routing_key
    for message in (
        rooms.SearchRooms,
        rooms.GetRoom,
        rooms.AcceptHandOver,
        rooms.DeclineHandOver,
        membership.RequestToJoin,
        membership.Withdraw,
        membership.AcceptOffer,
        membership.DeclineOffer,
        membership.AcceptInvitation,
        membership.DeclineInvitation,
        membership.ApproveRequest,
        membership.DeclineRequest,
        membership.DecideRequests,
        membership.GetMembership,
        membership.ListMemberships,
        membership.GetRoster,
        membership.GetHistory,
        notifications.SetPreferences,
        notifications.GetPreferences,
        notifications.SendLink,
        notifications.NamePeople,
    )
)
"""Every command and query of a page; a page that needs another adds it here."""


async def admit_pages(target: ProvisionTarget, password: str) -> None:
    """Create the account of pages, or give it these grants and a new password; it receives no events.

    It never acts as the system: always as the person of a link. Raise OperatorError if a server refuses, or if the name
    belongs to another account.
    """
    await add_publisher(target, PAGES, password, may=MAY, listen=[])
