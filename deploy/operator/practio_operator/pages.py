"""The account of pages: an outside one like any other, which may say what members do there and nothing else."""

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
"""Every command and question of a page; whoever adds a page that needs another adds it here."""


async def admit_pages(target: ProvisionTarget, password: str) -> None:
    """Make the account of pages, or give it these grants and a new password; it hears no events.

    It never speaks for the system: always for the person of a link. Raises OperatorError where a server says no, or
    the name is somebody else's.
    """
    await add_publisher(target, PAGES, password, may=MAY, listen=[])
