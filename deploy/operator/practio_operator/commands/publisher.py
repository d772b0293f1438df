"""`practio publisher`: accounts of outside systems."""

import asyncio
import secrets
from dataclasses import asdict
from typing import Annotated

import typer

from practio_chassis.broker.queue_names import outside_queue
from practio_operator.console.output import console, show_table
from practio_operator.provisioning.accounts import add_publisher, change_password, publishers, remove_publisher
from practio_operator.provisioning.settings import read_safe_secret
from practio_operator.targets.addresses import administrator_target

PASSWORD = "PRACTIO_PUBLISHER_PASSWORD"

publisher = typer.Typer(
    no_args_is_help=True,
    help="Accounts of outside systems. The servers are those of PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL, with "
    "administrator's rights (each may name a file as …_FILE), or those of the stack that runs here.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@publisher.command()
def add(
    account: Annotated[str, typer.Argument(help="The account's name on the broker, such as intranet.")],
    may: Annotated[
        list[str] | None,
        typer.Option(
            help="Messages that it may publish: 'membership.*', 'people.*' or a routing key. Repeat for more."
        ),
    ] = None,
    listen: Annotated[
        list[str] | None, typer.Option(help="Events that it receives: 'membership.#', or '#' for all. Repeat for more.")
    ] = None,
    as_system: Annotated[
        bool, typer.Option("--as-system", help="Let it act as the system too, not only as a person.")
    ] = False,
    over_http: Annotated[
        bool,
        typer.Option(
            "--http",
            help="Let it publish over the broker's management interface too; there it sees the names of all queues "
            "and how full they are.",
        ),
    ] = False,
    hooks: Annotated[
        bool,
        typer.Option(
            "--hooks",
            help="Add a queue for the events that its hook could not deliver by HTTPS, outside.ACCOUNT.dead.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create an account with its queue, or give an existing one new grants and a new password.

    The password is taken from PRACTIO_PUBLISHER_PASSWORD (or …_FILE). If it is not set, one is generated and shown
    once.

    Example: practio publisher add intranet --may 'membership.*' --may 'people.*' --listen 'membership.#'
    """
    target, password = administrator_target(), read_safe_secret(PASSWORD) or secrets.token_urlsafe(24)
    adding = add_publisher(
        target,
        account,
        password,
        may=may or [],
        listen=listen or [],
        as_system=as_system,
        over_http=over_http,
        hooks=hooks,
    )
    asyncio.run(adding)
    _show(target.broker_as(account, password), account, as_json=as_json)


@publisher.command()
def rotate(
    account: Annotated[str, typer.Argument(help="The account's name on the broker.")], as_json: AsJson = False
) -> None:
    """Change the password of an account; its grants, its queue and its open connections stay.

    The password is taken from PRACTIO_PUBLISHER_PASSWORD (or …_FILE). If it is not set, one is generated and shown
    once.

    Example: practio publisher rotate intranet
    """
    target, password = administrator_target(), read_safe_secret(PASSWORD) or secrets.token_urlsafe(24)
    asyncio.run(change_password(target, account, password))
    _show(target.broker_as(account, password), account, as_json=as_json)


@publisher.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the accounts: what each may publish and receives, and whether it may act as the system or use HTTP.

    Example: practio publisher list --json | jq '.[] | select(.as_system) | .account'
    """
    found = asyncio.run(publishers(administrator_target()))
    if as_json:
        console.print_json(data=[asdict(each) for each in found])
        return
    show_table(
        ("account", "may publish", "receives", "as system", "over HTTP", "hooks"),
        (
            (
                each.account,
                "\n".join(each.may),
                "\n".join(each.listen),
                *map(_yes, (each.as_system, each.over_http, each.hooks)),
            )
            for each in found
        ),
    )


@publisher.command()
def remove(
    account: Annotated[str, typer.Argument(help="The account's name on the broker.")], as_json: AsJson = False
) -> None:
    """Remove an account with its queue and the unread events in it. Its connections end.

    Example: practio publisher remove intranet
    """
    asyncio.run(remove_publisher(administrator_target(), account))
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
