"""A site whose desk answers from what a test laid out, and keeps what was wished of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from bs4 import BeautifulSoup, Tag
from pydantic import BaseModel
from starlette.applications import Starlette

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Links
from practio_contracts.message import Command, Query
from practio_pages.app import make_app
from practio_pages.forms import Forms
from practio_pages.gateway import AwayError, Desk
from practio_pages.site import Site

KEYS = ["k" * 32]
PAGES = "https://rooms.example.org"


@dataclass(frozen=True)
class Wished:
    """A command that reached the desk."""

    command: Command
    actor: UUID
    id: UUID


class PreparedDesk(Desk):
    """Answers each question by what is laid out for its type (or what that gives for it), each command likewise."""

    def __init__(self) -> None:
        super().__init__("amqp://pages:unused@nowhere/practio")
        self.answers: dict[type[Query], BaseModel | Refusal | Callable[[Any], BaseModel | Refusal]] = {}
        self.outcomes: dict[type[Command], CommandAccepted | Refusal] = {}
        self.wished: list[Wished] = []
        self.asked: list[tuple[Query, UUID]] = []

    async def ask(self, question: Query, answer: type[Any], *, actor: UUID) -> Any:
        self.asked.append((question, actor))
        found = self.answers.get(type(question))
        if found is None:
            raise AwayError
        if not isinstance(found, (BaseModel, Refusal)):
            found = found(question)
        assert isinstance(found, (answer, Refusal))
        return found

    async def send(self, command: Command, *, actor: UUID, id: UUID) -> CommandAccepted | Refusal:  # noqa: A002
        self.wished.append(Wished(command, actor, id))
        found = self.outcomes.get(type(command))
        if found is None:
            raise AwayError
        return found

    async def say(self, command: Command, *, actor: UUID, id: UUID) -> None:  # noqa: A002
        self.wished.append(Wished(command, actor, id))


@dataclass
class Visit:
    """A browser at the site: it has no cookies and runs no script."""

    site: Site
    desk: PreparedDesk
    app: Starlette
    headers: dict[str, str] = field(default_factory=dict)

    def path(self, link: Link) -> str:
        """Give the path of a link."""
        return urlsplit(self.site.links.url(link)).path

    async def get(self, path: str, **headers: str) -> "Seen":
        return await self._request("GET", path, headers=headers)

    async def post(self, path: str, fields: dict[str, Any], **headers: str) -> "Seen":
        return await self._request("POST", path, data=fields, headers=headers)

    async def press(self, seen: "Seen", words: str, **typed: Any) -> "Seen":
        """Send the form that has a button with these words, with what is typed into it."""
        form = seen.form(words)
        hidden = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
        return await self.post(str(form.get("action") or seen.path), hidden | typed)

    async def _request(self, method: str, path: str, **kwargs: Any) -> "Seen":
        transport = httpx.ASGITransport(self.app, client=("203.0.113.7", 4711))
        async with httpx.AsyncClient(transport=transport, base_url=PAGES) as browser:
            answer = await browser.request(method, path, **kwargs)
        assert "set-cookie" not in answer.headers
        return Seen(answer, path)


@dataclass
class Seen:
    """A page as a reader sees it."""

    answer: httpx.Response
    path: str

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def html(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.text, "html.parser")

    @property
    def words(self) -> str:
        """Give what is read, with single blanks."""
        return " ".join(self.html.get_text(" ").split())

    @property
    def buttons(self) -> list[str]:
        return [" ".join(each.get_text().split()) for each in self.html.select("form button")]

    def form(self, words: str) -> Tag:
        found = [each for each in self.html.select("form") if words in " ".join(each.get_text(" ").split())]
        assert found, f"no form with a button {words!r}, but {self.buttons}"
        return found[0]


def a_visit(pages_url: str = PAGES) -> Visit:
    """Give a browser at a site of its own."""
    desk = PreparedDesk()
    site = Site(links=Links(pages_url, KEYS), forms=Forms(KEYS), desk=desk, pages_url=pages_url)
    return Visit(site, desk, make_app(site))


def accepted(command: type[Command], *, changed: bool = True, **state: Any) -> CommandAccepted:
    """Give the answer to a command that was met."""
    return CommandAccepted(command_id="c", command_type=command.type_name(), changed=changed, state=state)
