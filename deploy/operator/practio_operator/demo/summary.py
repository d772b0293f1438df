"""The end of the demo: the roster, the letters, the pages, and where to look next."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from practio_contracts.catalogue import SERVICES
from practio_contracts.membership import Roster, Status
from practio_operator.console.output import console
from practio_operator.demo.mail import ReadLetter
from practio_operator.demo.pages import OpenPage
from practio_operator.demo.sample_people import SamplePeople
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.stack.env import http_key

FIRST_LINES = 3


def show_roster(roster: Roster, people: SamplePeople) -> None:
    """Show who joined, who waits and who left."""
    title = f"The roster: {roster.seats_taken} of {roster.capacity} seats taken, {roster.seats_held} held"
    table = Table("", "person", "status", "ahead", "since (UTC)", title=title, title_justify="left")
    for number, entry in enumerate(roster.entries, start=1):
        membership = entry.membership
        ahead = str(entry.ahead) if membership.status is Status.WAITLISTED else ""
        since = f"{membership.since:%H:%M:%S}"
        table.add_row(str(number), people.name_of(membership.person_id), membership.status.value, ahead, since)
    console.print()
    console.print(table)


def show_letters(letters: Sequence[ReadLetter]) -> None:
    """Show from, to, subject and first lines of each letter."""
    console.print()
    console.rule(f"[bold]The {len(letters)} letters that arrived", align="left")
    for letter in letters:
        lines = [line.strip() for line in letter.text.splitlines() if line.strip()]
        console.print(f"  [yellow]{letter.subject}[/yellow]")
        console.print(f"    {letter.sender} → {letter.to}", style="dim", markup=False)
        for line in lines[:FIRST_LINES]:
            console.print(f"    {line}", markup=False)


def show_pages(pages: Sequence[OpenPage]) -> None:
    """Show the links with which people go on in a browser: no login, only what a letter brought."""
    console.print()
    console.rule("[bold]The same room on pages: open these links in a browser", align="left")
    for page in pages:
        console.print(f"  [bold]{page.person.name}[/bold]", end=": ")
        console.print(page.title, markup=False)
        console.print(f"    {page.address}", markup=False)


def show_next_steps(env: Mapping[str, str]) -> None:
    """Show where to look while the stack keeps running, and how to stop it."""
    table = Table(box=None, show_header=False, title="The stack keeps running. Where to look", title_justify="left")
    table.add_row("mail", env.get("PRACTIO_MAIL_DIR") or env.get("PRACTIO_MAIL_HTTP"))
    table.add_row("pages", f"{env[http_key(PAGES)]}/")
    for service in SERVICES:
        url = env[http_key(service)]
        table.add_row(service, f"{url}/docs/asyncapi  {url}/metrics  {url}/readyz")
    table.add_row("broker", env["PRACTIO_MANAGEMENT_URL"])
    table.add_row("any client", ".practio/env lists all addresses")
    table.add_row("by hand", ".venv/bin/practio watch, ask, send, tell, dead list, status, logs")
    table.add_row("stop", "make down")
    console.print()
    console.print(table)
