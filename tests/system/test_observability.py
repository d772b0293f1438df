"""What operators see of a full run, over AMQP and on pages: one trace from command to letter, and no personal texts."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from tests.support.browser.http import Browser, a_browser
from tests.support.clients.actions import (
    ACCEPT,
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.clients.commands import new_id
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.traces_of_people import logs_of_servers
from tests.support.stack.running import RunningStack
from tests.support.stack.span_collector import ReceivedSpan, SpanCollector

from practio_contracts.links import Link, Purpose

ASKED = "membership.request-to-join.v1"
TOKEN = re.compile(r"/(?:way|queue|rooms|preferences|stop)/([\w.-]{20,})")


@dataclass
class UniqueTexts:
    """Unique texts that no operator may read."""

    texts: list[str] = field(default_factory=list)

    def new(self, before: str = "") -> str:
        """Return words that begin with ``before``."""
        word = f"zq{new_id().replace('-', '')}"
        self.texts.append(word)
        return f"{before} {word}".strip()


@pytest_asyncio.fixture
async def traced(stack: RunningStack) -> AsyncIterator[SpanCollector]:
    """Send the spans of every process to a collector, and log everything, for as long as the test lasts."""
    with SpanCollector() as collector:
        whole_trace = {
            "PRACTIO_OTLP_ENDPOINT": collector.url,
            "PRACTIO_LOG_LEVEL": "debug",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        processes = [each.process for each in (*stack.services.values(), stack.pages)]
        kept = [process.environment for process in processes]
        await restarted(stack, [process.environment | whole_trace for process in processes])
        yield collector
        await restarted(stack, kept)


async def restarted(stack: RunningStack, environments: Sequence[dict[str, str]]) -> None:
    """Stop services and pages, and start each with its environment."""
    processes = [each.process for each in (*stack.services.values(), stack.pages)]
    for process in processes:
        process.ask_to_stop()
    for process, environment in zip(processes, environments, strict=True):
        process.stop()
        process.environment = environment
    await stack.heal()


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as found:
        yield found


async def test_one_trace_leads_from_a_command_on_a_page_to_the_letters_about_it(
    outside: OutsideSystem, stack: RunningStack, traced: SpanCollector, browser: Browser
) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    room = await a_published_room(outside, host=host)
    page = await browser.sees(f"{url(stack, Purpose.WAY, person, room)}/ask")
    traced.spans.clear()
    await browser.sends(page)
    letter = await outside.receives("notifications.letter-sent.v1", person_id=person, kind="requested")

    def whole_trace() -> list[ReceivedSpan]:
        spans = traced.trace_of(ASKED)
        is_whole = [span.name for span in spans].count("send letter") == 2 and "POST way" in names(spans)
        return spans if is_whole and not without_parent(spans) else []  # each process exports its own

    spans = await eventually(whole_trace, within=30, message=lambda: f"a whole trace, but {names(traced.spans)}")
    assert [(span.service, span.name) for span in spans if not span.parent] == [("practio-pages", "POST way")]
    steps = path_to(next(span for span in spans if span.name == "send letter"), spans)
    assert steps == [
        ("practio-notifications", "send letter"),
        ("practio-notifications", "membership.requested.v1"),
        ("practio-membership", ASKED),
        ("practio-pages", "POST way"),
    ]
    assert letter["traceparent"].split("-")[1] == spans[0].trace


def without_parent(spans: Sequence[ReceivedSpan]) -> list[str]:
    """Return the names of spans below one that has not arrived."""
    there = {span.identity for span in spans}
    return [span.name for span in spans if span.parent and span.parent not in there]


def names(spans: Sequence[ReceivedSpan]) -> list[str]:
    return [span.name for span in list(spans)]


def path_to(span: ReceivedSpan, spans: Sequence[ReceivedSpan]) -> list[tuple[str, str]]:
    """Return the steps from a span back to the beginning of its trace."""
    above = [each for each in spans if each.identity == span.parent]
    return [(span.service, span.name), *(path_to(above[0], spans) if above else [])]


def url(
    stack: RunningStack, purpose: Purpose, person: str, room: OpenRoom | None = None, category: str | None = None
) -> str:
    room_id = UUID(room.room_id) if room else None
    return stack.links.url(Link(purpose, UUID(person), room_id, category=category, locale="en"))


async def test_no_log_and_no_span_contains_a_name_an_address_a_token_or_a_text(
    outside: OutsideSystem, stack: RunningStack, traced: SpanCollector, browser: Browser
) -> None:
    words = UniqueTexts()
    people = [await a_known_person(outside, words.new("Ada")) for _ in range(4)]
    host, *others = people
    asked = [{"key": "case", "text": words.new("Which case?"), "required": True}]
    written = {name: words.new("Of") for name in ("title", "domain", "purpose", "for_whom", "place")}
    room = await a_published_room(
        outside,
        host=host,
        capacity=1,
        **written,
        meeting_url=f"https://meet.example.org/{words.new()}",
        access={"policy": "approval", "waitlist": {"enabled": True}, "questions": asked},
    )
    await members_speak(outside, room, others, words)
    await readers_act(outside, stack, browser, room, people, words)
    await letters_came(outside, stack, others)

    addresses = [outside.people[person]["email"] for person in people]
    letters = [letter for address in addresses for letter in stack.mailbox.to(address)]
    tokens = [token for letter in letters for token in TOKEN.findall(letter.text)]
    assert tokens
    await eventually(lambda: "send letter" in names(traced.spans), message="spans of letters")
    for name, seen in {**logs_of(stack), "spans": "\n".join(span.text for span in list(traced.spans))}.items():
        assert [word for word in [*words.texts, *addresses, *tokens, *signed(stack)] if word in seen] == [], name


async def members_speak(outside: OutsideSystem, room: OpenRoom, others: Sequence[str], words: UniqueTexts) -> None:
    first, second, third = others
    for person in (first, second):
        await accepted(asks(outside, room, person, message=words.new("I"), answers={"case": words.new("One")}))
        await accepted(
            outside.send(
                APPROVE,
                {"room_id": room.room_id, "person_id": person, "note": words.new("Welcome")},
                actor=room.host,
            )
        )
    away = {"room_id": room.room_id, "person_id": first, "reason": words.new("I move")}
    await accepted(outside.send(WITHDRAW, away, actor=first))
    await outside.receives("membership.seat-offered.v1", person_id=second)
    await does(outside, ACCEPT, room, second)
    refused = await asks(outside, room, third, message=words.new("I"), answers={words.new(): words.new()})
    assert "code" in refused
    broken = outside.envelope(ASKED, {words.new(): words.new()}, actor=third)
    await outside.answer_to(broken, exchange=COMMANDS)


async def readers_act(
    outside: OutsideSystem,
    stack: RunningStack,
    browser: Browser,
    room: OpenRoom,
    people: Sequence[str],
    words: UniqueTexts,
) -> None:
    host, *_, third = people
    way = await browser.sees(f"{url(stack, Purpose.WAY, third, room)}/ask")
    await browser.sends(way, **{"message": words.new("I"), "answer.case": words.new("One")})
    queue = await browser.sees(url(stack, Purpose.QUEUE, host, room))
    await browser.sends(queue, reason=words.new("Too many"), **{f"decide-{third}": "decline"})
    await browser.sees(stack.pages_url, text=words.new())
    await browser.sees(f"{url(stack, Purpose.ROOMS, third)}/search", text=words.new())
    await browser.sends(await browser.sees(f"{stack.pages_url}/link"), email=outside.people[third]["email"])
    await browser.posts(url(stack, Purpose.STOP, third, category="activity"), **{"List-Unsubscribe": "One-Click"})
    await browser.posts(f"{stack.pages_url}/way/{words.new()}", form=words.new(), message=words.new())


async def letters_came(outside: OutsideSystem, stack: RunningStack, others: Sequence[str]) -> None:
    first, second, third = others
    expected = {(first, "withdrawn"), (second, "joined"), (third, "declined"), (third, "link")}

    def sent() -> bool:
        events = outside.events["notifications.letter-sent.v1"]
        return expected <= {(event["data"]["person_id"], event["data"]["kind"]) for event in events}

    await eventually(sent, within=30, message="the letters of the run")


def logs_of(stack: RunningStack) -> dict[str, str]:
    processes = [each.process for each in (*stack.services.values(), stack.pages)]
    return {process.name: process.log.read_text(errors="replace") for process in processes}


def signed(stack: RunningStack) -> list[str]:
    """Return the link keys, and the passwords of all accounts."""
    passwords = [word for each in stack.target.passwords.values() for word in (each.broker, each.owner, each.work)]
    return [stack.pages.process.environment["PRACTIO_LINK_KEYS"], stack.target.pages_password, *passwords]


async def test_the_database_logs_an_error_without_the_values_of_the_row(stack: RunningStack) -> None:
    texts = UniqueTexts()
    person, name = new_id(), texts.new("Ada")
    insert = "INSERT INTO notifications.contact (person_id, display_name, link_version) VALUES ($1, $2, NULL)"
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        with pytest.raises(asyncpg.NotNullViolationError):
            await connection.execute(insert, UUID(person), name)
    finally:
        await connection.close()

    def log() -> str:
        return logs_of_servers(stack)["database"]

    await eventually(lambda: "link_version" in log(), message="the error in the database's log")
    assert name not in log()
