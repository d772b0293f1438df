"""The account of pages: an outside account that may publish what members do on pages, and nothing else."""

from practio_contracts.catalogue import PAGES
from practio_contracts.pages import SENT_BY_PAGES
from practio_operator.provisioning.accounts import add_publisher
from practio_operator.provisioning.target import ProvisionTarget

__all__ = ["PAGES", "create_pages_account"]


async def create_pages_account(target: ProvisionTarget, password: str) -> None:
    """Create the account of pages, or give it the grants of this release and a new password; it receives no events.

    It never acts as the system, always as the person of a link. Raise OperatorError if a server refuses, or if the name
    belongs to another account.
    """
    await add_publisher(target, PAGES, password, may=SENT_BY_PAGES, listen=[])
