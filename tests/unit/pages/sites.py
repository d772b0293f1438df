"""A site whose gateway returns prepared answers and records the commands it is sent."""

import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from pydantic import BaseModel
from starlette.applications import Starlette
from tests.support.html import Element, parse

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Links
from practio_contracts.membership import Roster, Status
from practio_contracts.message import Command, Query
from practio_contracts.notifications import GetPreferences, Introduction, PreferencesFound
from practio_contracts.people import PersonRegistered
from practio_pages.app import make_app
from practio_pages.forms import Forms
from practio_pages.gateway import Gateway, UnavailableError, unless_erased
from practio_pages.site import Site

_NO_TEXT = re.compile(r"<script\b.*?</script>|<[^>]*>", re.DOTALL)
KEYS = ["k" * 32]
PAGES = "https://rooms.example.org"


@dataclass(frozen=True)
class SentCommand:
    """A command, or the event that registers a person, that reached the gateway."""

    command: Command | PersonRegistered
    actor: UUID
    id: UUID


class PreparedGateway(Gateway):
    """Answers each query and command with the answer, or the result of the function, prepared for its type.

    While it ``is_away``, nothing is answered.
    """

    def __init__(self) -> None:
        super().__init__("amqp://pages:unused@nowhere/practio")
        self.answers: dict[type[Query], BaseModel | Refusal | Callable[[Any], BaseModel | Refusal] | None] = {}
        self.link_version: int | Refusal | None = 0
        self.calendar_version = 0
        self.introduction: Introduction | None = None
        self.outcomes: dict[type[Command], CommandAccepted | Refusal | Callable[[Any], CommandAccepted | Refusal]] = {}
        self.sent: list[SentCommand] = []
        self.queries: list[tuple[Query, UUID]] = []
        self.is_away = False

    async def ask(self, query: Query, answer: type[Any], *, actor: UUID) -> Any:
        self._is_there()
        self.queries.append((query, actor))
        prepared = self._links_of(actor) if answer is PreferencesFound else self.answers.get(type(query))
        if prepared is None:
            raise UnavailableError
        if not isinstance(prepared, (BaseModel, Refusal)):
            prepared = _of_statuses(prepared, query) if getattr(query, "statuses", None) else prepared(query)
        assert isinstance(prepared, (answer, Refusal))
        return unless_erased(prepared)

    async def send(self, command: Command, *, actor: UUID, id: UUID) -> CommandAccepted | Refusal:  # noqa: A002
        self._is_there()
        self.sent.append(SentCommand(command, actor, id))
        prepared = self.outcomes.get(type(command))
        if prepared is None:
            raise UnavailableError
        outcome = prepared if isinstance(prepared, (BaseModel, Refusal)) else prepared(command)
        return unless_erased(outcome, about=command, actor=actor)

    async def publish(self, command: Command, *, actor: UUID, id: UUID) -> None:  # noqa: A002
        self._is_there()
        self.sent.append(SentCommand(command, actor, id))

    async def register(self, person: PersonRegistered, *, id: UUID) -> None:  # noqa: A002
        self._is_there()
        self.sent.append(SentCommand(person, person.person_id, id))

    def _links_of(self, person_id: UUID) -> PreferencesFound | Refusal:
        """Return what a link is checked by: the version of its person's links, or why there is none.

        It also says whether the person may still introduce themselves.
        """
        for refusal in (self.answers.get(GetPreferences), self.link_version):
            if isinstance(refusal, Refusal):
                return refusal
        versions = {"link_version": self.link_version, "calendar_version": self.calendar_version}
        return PreferencesFound.model_validate({"person_id": person_id, "introduction": self.introduction} | versions)

    def _is_there(self) -> None:
        if self.is_away:
            raise UnavailableError


def _of_statuses(prepared: Callable[[Any], Any], query: Any) -> Roster | Refusal:
    """Return the answer to a query for several statuses, of a function that answers for one at a time."""
    rosters: dict[Status, Roster] = {}
    for status in query.statuses:
        found = prepared(query.model_copy(update={"status": status, "statuses": None}))
        if isinstance(found, Refusal):
            return found
        rosters[status] = found
    entries = [entry for each in rosters.values() for entry in each.entries]
    after_of = {status: each.after for status, each in rosters.items() if each.after}
    several: Roster = found.model_copy(update={"entries": entries, "after": None, "after_of": after_of})
    return several


@dataclass
class Visit:
    """A browser at the site, without cookies or scripts."""

    site: Site
    gateway: PreparedGateway
    app: Starlette
    headers: dict[str, str] = field(default_factory=dict)

    def path(self, link: Link) -> str:
        """Return the path of a link."""
        return urlsplit(self.site.links.url(link)).path

    async def get(self, path: str, **headers: str) -> "Seen":
        return await self._request("GET", path, headers=headers)

    async def post(self, path: str, fields: dict[str, Any], **headers: str) -> "Seen":
        return await self._request("POST", path, data=fields, headers=headers)

    async def press(self, seen: "Seen", words: str, **entered: Any) -> "Seen":
        """Send the form that has a button with these words, with the entered fields."""
        form = seen.form(words)
        hidden = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
        return await self.post(str(form.get("action") or seen.path), hidden | entered)

    async def _request(self, method: str, path: str, **kwargs: Any) -> "Seen":
        answer = await answered(self.app, httpx.Request(method, PAGES + path, **kwargs))
        assert "set-cookie" not in answer.headers
        return Seen(answer, path)


async def answered(app: Starlette, request: httpx.Request) -> httpx.Response:
    """Return the answer of an application; a client of httpx takes longer for a request than most pages do."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": request.read(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(_scope(request), receive, send)
    start = next(each for each in sent if each["type"] == "http.response.start")
    body = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
    return httpx.Response(start["status"], headers=start["headers"], content=body, request=request)


def _scope(request: httpx.Request) -> MutableMapping[str, Any]:
    """Return what a server hands over of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": ("203.0.113.7", 4711),
        "root_path": "",
    }


@dataclass
class Seen:
    """A page as a reader sees it."""

    answer: httpx.Response
    path: str
    _forms: dict[str, Element] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return self.answer.status_code

    @cached_property
    def html(self) -> Element:
        """Return the page, read once."""
        return parse("" if self._is_xml else self.answer.text)

    @property
    def _is_xml(self) -> bool:
        return "xml" in self.answer.headers.get("content-type", "")

    @cached_property
    def words(self) -> str:
        """Return the text of the page with single spaces; for that alone, the page need not be read."""
        return "" if self._is_xml else words_of(self.answer.text)

    @property
    def buttons(self) -> list[str]:
        return [" ".join(each.get_text().split()) for each in self.html.select("form button")]

    def terms(self, selector: str) -> dict[str, str]:
        """Return what the page says about each term, among the elements that match a CSS selector."""
        return {each.select("dt")[0].words: each.select("dd")[0].words for each in self.html.select(selector)}

    def form(self, words: str) -> Element:
        if words not in self._forms:
            found = next((each for each in self.html.select("form") if words in each.words), None)
            assert found is not None, f"no form with a button {words!r}, but {self.buttons}"
            self._forms[words] = found
        return self._forms[words]


def words_of(text: str) -> str:
    """Return the text of some HTML with single spaces."""
    return " ".join(unescape(_NO_TEXT.sub(" ", text)).split())


@cache
def _links(pages_url: str) -> Links:
    """Return the links of all sites: to derive their keys takes as long as to answer a request."""
    return Links(pages_url, KEYS)


def a_visit(pages_url: str = PAGES) -> Visit:
    """Return a browser at a site of its own."""
    gateway = PreparedGateway()
    site = Site(links=_links(pages_url), forms=Forms(KEYS), gateway=gateway, pages_url=pages_url)
    return Visit(site, gateway, make_app(site))


def accepted(command: type[Command], *, changed: bool = True, **state: Any) -> CommandAccepted:
    """Return the answer to an accepted command."""
    return CommandAccepted(command_id="c", command_type=command.type_name(), changed=changed, state=state)
