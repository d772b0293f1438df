"""A database on several hosts: each by a URL of its own, and the one that served last before the others."""

import asyncio
from typing import Any

import asyncpg
import pytest

from practio_chassis.database.hosts import Hosts
from practio_chassis.database.urls import each_host, with_attributes

BOTH = "postgresql://role:p%2Cw@one:5432,[::1]:5433/practio"
ONE = "postgresql://role:pw@one/practio?sslmode=disable"
NOT_WRITTEN_ON = asyncpg.exceptions.TargetServerAttributeNotMatched("read-only")


def test_each_host_has_a_url_of_its_own() -> None:
    assert each_host(BOTH) == [
        "postgresql://role:p%2Cw@one:5432/practio",
        "postgresql://role:p%2Cw@[::1]:5433/practio",
    ]
    assert each_host(ONE) == [ONE]


def test_of_several_database_hosts_the_writable_one_is_used_unless_the_url_says_otherwise() -> None:
    assert with_attributes(ONE) == ONE
    assert with_attributes(BOTH) == f"{BOTH}?target_session_attrs=read-write"
    assert with_attributes(f"{BOTH}?target_session_attrs=any") == f"{BOTH}?target_session_attrs=any"
    asked = f"{BOTH}?sslmode=verify-full&sslrootcert=/run/secrets/ca&target_session_attrs=read-write"
    assert with_attributes(asked) == asked
    assert with_attributes(asked, "standby") == asked.replace("read-write", "standby")


class Servers:
    """What each host says to who connects, by its name, and who was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **replies: Exception | str) -> None:
        self.replies = replies
        self.asked: list[str] = []
        self.timeouts: list[float] = []
        monkeypatch.setattr(asyncpg, "connect", self._connect)

    async def _connect(self, url: str, *, timeout: float, **_: Any) -> str:  # noqa: ASYNC109 - as asyncpg
        name = url.partition("@")[2].partition("/")[0]
        self.asked.append(name)
        self.timeouts.append(timeout)
        reply = self.replies[name]
        if isinstance(reply, Exception):
            raise reply
        return reply


@pytest.mark.parametrize(
    "why", [TimeoutError(), ConnectionRefusedError(), asyncpg.CannotConnectNowError("starting up"), NOT_WRITTEN_ON]
)
def test_the_next_host_is_asked_where_one_does_not_serve_and_it_is_the_first_from_then_on(
    monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    servers = Servers(monkeypatch, one=why, two="two serves")
    hosts = Hosts("postgresql://role:pw@one,two/practio")

    async def connect_twice() -> None:
        for _ in range(2):
            assert await hosts.connect(timeout=5.0) == "two serves"

    asyncio.run(connect_twice())
    assert servers.asked == ["one", "two", "two"]
    assert servers.timeouts == [2.5] * 3


def test_who_finds_no_host_to_write_on_has_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    Servers(monkeypatch, one=TimeoutError(), two=NOT_WRITTEN_ON)
    with pytest.raises(ConnectionError, match="read-only"):
        asyncio.run(Hosts("postgresql://role:pw@one,two/practio").connect(timeout=5.0))


def test_after_a_wrong_password_the_next_host_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers(monkeypatch, one=asyncpg.InvalidPasswordError("wrong"), two="two serves")
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(Hosts("postgresql://role:pw@one,two/practio").connect(timeout=5.0))
    assert servers.asked == ["one"]
