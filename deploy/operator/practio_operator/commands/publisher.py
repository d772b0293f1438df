"""`practio publisher`: accounts of outside systems."""

import asyncio
import secrets
from dataclasses import asdict
from typing import Annotated

import typer

from practio_chassis.broker.topology import outside_queue
from practio_operator.console import console, show_table
from practio_operator.provisioning.accounts import add_publisher, change_password, publishers, remove_publisher
from practio_operator.provisioning.settings import safe_secret
from practio_operator.targets import administered

PASSWORD = "PRACTIO_PUBLISHER_PASSWORD"

publisher = typer.Typer(
    no_args_is_help=True,
    help="Accounts of outside systems, on the servers that PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL name with "
    "administrator's rights (each may be given as a file's path in …_FILE), or of the stack that is up here.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@publisher.command()
def add(
    account: Annotated[str, typer.Argument(help="Its name on the broker, such as intranet.")],
    may: Annotated[
        list[str] | None,
        typer.Option(help="What it may say: 'membership.*', 'people.*' or a routing key; repeat for more."),
    ] = None,
    listen: Annotated[
        list[str] | None, typer.Option(help="Which facts it hears: 'membership.#', or '#' for all; repeat for more.")
    ] = None,
    as_system: Annotated[
        bool, typer.Option("--as-system", help="It may also speak for the system, not only for a person.")
    ] = False,
    over_http: Annotated[
        bool,
        typer.Option(
            "--http",
            help="It may also speak over the broker's management interface, where it sees all queues by name "
            "and how full they are.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add an account with its queue, or give one new grants and a new password.

    The password is taken from PRACTIO_PUBLISHER_PASSWORD (or …_FILE); without it one is made and shown once.

    Example: practio publisher add intranet --may 'membership.*' --may 'people.*' --listen 'membership.#'
    """
    target, password = administered(), safe_secret(PASSWORD) or secrets.token_urlsafe(24)
    grants = {"may": may or [], "listen": listen or []}
    asyncio.run(add_publisher(target, account, password, **grants, as_system=as_system, over_http=over_http))
    _show(target.broker_as(account, password), account, as_json=as_json)


@publisher.command()
def rotate(account: Annotated[str, typer.Argument(help="Its name on the broker.")], as_json: AsJson = False) -> None:
    """Give an account a new password; connections that are open stay, grants and queue too.

    The password is taken from PRACTIO_PUBLISHER_PASSWORD (or …_FILE); without it one is made and shown once.

    Example: practio publisher rotate intranet
    """
    target, password = administered(), safe_secret(PASSWORD) or secrets.token_urlsafe(24)
    asyncio.run(change_password(target, account, password))
    _show(target.broker_as(account, password), account, as_json=as_json)


@publisher.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the accounts: what each may say and hears, and whether it may speak for the system, and over HTTP.

    Example: practio publisher list --json | jq '.[] | select(.as_system) | .account'
    """
    found = asyncio.run(publishers(administered()))
    if as_json:
        console.print_json(data=[asdict(each) for each in found])
        return
    show_table(
        ("account", "may say", "hears", "as system", "over HTTP"),
        (
            (each.account, "\n".join(each.may), "\n".join(each.listen), _yes(each.as_system), _yes(each.over_http))
            for each in found
        ),
    )


@publisher.command()
def remove(account: Annotated[str, typer.Argument(help="Its name on the broker.")], as_json: AsJson = False) -> None:
    """Remove an account, its queue, and the events in it that were not read. Its connections end.

    Example: practio publisher remove intranet
    """
    asyncio.run(remove_publisher(administered(), account))
    if as_json:
        console.print_json(data={"removed": account})
    else:
        console.print(f"Removed {account}.", markup=False)


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _show(url: str, account: str, *, as_json: bool) -> None:
    queue = outside_queue(account)
    if as_json:
        console.print_json(data={"account": account, "url": url, "queue": queue})
    else:
        console.print(f"URL    {url}\nqueue  {queue}", markup=False)
