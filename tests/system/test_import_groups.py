"""What exists is brought in: a spreadsheet of informal groups becomes running rooms, without a line of JSON."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest_asyncio
from openpyxl import Workbook
from tests.support.clients.commands import new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.html import parse
from tests.support.stack.mailbox import ReceivedLetter
from tests.support.stack.running import RunningStack
from tests.system.browser.letters import link_in
from tests.unit.pages.every_page import filled_in

from practio_contracts.links import Purpose
from practio_operator.execution.http import NO_AUTHORITIES
from practio_operator.imports import templates

LEFT = 3


@pytest_asyncio.fixture
async def browser(stack: RunningStack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        verify=NO_AUTHORITIES, trust_env=False, timeout=60, headers={"accept-language": "en"}, follow_redirects=True
    ) as found:
        yield found


class Groups:
    """Three informal groups as a workbook has them: two of one host, one of another, two people in each."""

    def __init__(self, folder: Path) -> None:
        self.mark = new_id()[:8]
        self.file = folder / "groups.xlsx"
        self.titles = [f"Group {number} {self.mark}" for number in range(3)]
        self.hosts = [f"host-{number}-{self.mark}@example.org" for number in (0, 0, 1)]
        self.first = datetime.now(UTC).replace(tzinfo=None, second=0, microsecond=0) + timedelta(days=9)
        self.people = {title: [self.address(title, each) for each in "ab"] for title in self.titles}

    def address(self, title: str, name: str) -> str:
        return f"{title.replace(' ', '-').lower()}-{name}@example.org"

    def write(self, *, third: str = "intervision") -> None:
        rooms = [
            dict(templates.ROOMS) | {"title": title, "host": host, "first_session": self.first, "capacity": 8}
            for title, host in zip(self.titles, self.hosts, strict=True)
        ]
        rooms[2]["format"] = third
        members = [
            dict(templates.MEMBERS) | {"room": title, "email": email, "display_name": email.split("@")[0]}
            for title, people in self.people.items()
            for email in people
        ]
        book = Workbook()
        for name, rows in (("Rooms", rooms), ("Members", members)):
            sheet = book.create_sheet(name)
            for row in ([*rows[0]], *([*row.values()] for row in rows)):
                sheet.append(row)
        book.remove(book.worksheets[0])
        book.save(self.file)


async def letter_to(stack: RunningStack, address: str, kind: str, title: str) -> ReceivedLetter:
    """Return the one letter of a kind about a room, once it has arrived."""

    def found() -> list[ReceivedLetter]:
        return [letter for letter in stack.mailbox.to(address) if letter.kind == kind and title in letter.text]

    [letter] = await eventually(found, within=60, message=f"a letter {kind} to {address}")
    return letter


async def accepts(browser: httpx.AsyncClient, stack: RunningStack, letter: ReceivedLetter) -> None:
    """Follow the link in an invitation, and accept it with the form of its page."""
    seen = await browser.get(link_in(letter, stack.pages_url, Purpose.WAY))
    forms = parse(seen.text).select("form[method=post]")
    [form] = [each for each in forms if "Accept the invitation" in each.get_text()]
    done = await browser.post(seen.url, data=filled_in(form))
    assert done.status_code == httpx.codes.OK, done.text


async def test_a_spreadsheet_of_three_informal_groups_becomes_running_rooms_whose_people_said_yes(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    groups = Groups(tmp_path)
    file, own = str(groups.file), ("--rooms", str(groups.file), "--invite")
    groups.write(third="debate")
    trial = await practio(stack, "import-rooms", file, exits=LEFT)
    assert "line 4: bad: format is not intervision" in trial
    assert "2 ready, 1 bad" in trial
    first = await practio(stack, "import-rooms", file, "--for-real", exits=LEFT)
    assert "2 published, 1 bad" in first

    groups.write()
    assert "2 done before, 1 published" in await practio(stack, "import-rooms", file, "--for-real")
    again = json.loads(await practio(stack, "import-rooms", file, "--for-real", "--json"))
    rooms = dict(zip(groups.titles, [line["id"] for line in again["lines"]], strict=True))
    assert (again["counts"], len(set(rooms.values()))) == ({"done before": 3}, 3)

    assert "6 ready" in await practio(stack, "import-members", file, *own)
    assert "6 invited" in await practio(stack, "import-members", file, *own, "--for-real")
    assert "6 done before" in await practio(stack, "import-members", file, *own, "--for-real")

    for title, host in zip(groups.titles, groups.hosts, strict=True):
        await letter_to(stack, host, "room-published", title)
    for title, people in groups.people.items():
        for email in people:
            await accepts(browser, stack, await letter_to(stack, email, "invited", title))
            await letter_to(stack, email, "joined", title)
        written = await practio(stack, "roster", rooms[title], "--csv")
        rows = list(csv.DictReader(io.StringIO(written, newline="")))
        assert {(row["name"], row["status"]) for row in rows} == {(each.split("@")[0], "joined") for each in people}
        shown = (await outside.query("rooms.get-room.v1", {"room_id": rooms[title]}, actor=new_id()))["result"]
        assert shown["room"]["status"] == "published"
        assert len(shown["sessions"]) > 2


async def test_people_get_ids_once_and_members_are_found_by_their_addresses(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    groups = Groups(tmp_path)
    groups.write()
    people = tmp_path / "people.csv"
    everybody = [each for room in groups.people.values() for each in room] + groups.hosts[1:]
    lines = [f"Ada; {each};it;Europe/Rome\n" for each in everybody]
    people.write_text("display_name;email;locale;time_zone\n" + "".join(lines), encoding="utf-16")
    report = json.loads(await practio(stack, "import-people", str(people), "--mint-ids", "--for-real", "--json"))
    ids = [line["id"] for line in report["lines"]]
    people.with_name("people.csv.progress").unlink()
    again = json.loads(await practio(stack, "import-people", str(people), "--mint-ids", "--for-real", "--json"))
    assert [line["id"] for line in again["lines"]] == ids
    assert len(set(ids)) == len(everybody)

    later = tmp_path / "later.csv"
    later.write_text(f"display_name,email,locale,time_zone\nAda,{everybody[0].upper()},it,Europe/Rome\n")
    for options in ((), ("--for-real",)):
        printed = await practio(stack, "import-people", str(later), "--mint-ids", *options, "--json")
        [line] = json.loads(printed)["lines"]
        assert (line["outcome"], line["id"]) == ("known", ids[0])
    file, named = str(groups.file), ("--people", str(people))
    rooms = json.loads(await practio(stack, "import-rooms", file, *named, "--for-real", "--json"))["lines"]
    await practio(stack, "import-members", file, "--rooms", file, *named, "--for-real")
    joined = json.loads(await practio(stack, "roster", rooms[0]["id"], "--json"))
    assert {(each["person_id"], each["status"]) for each in joined} == {(each, "joined") for each in ids[:2]}
    shown = (await outside.query("rooms.get-room.v1", {"room_id": rooms[0]["id"]}, actor=new_id()))["result"]["room"]
    assert shown["host_id"] == ids[-2]
