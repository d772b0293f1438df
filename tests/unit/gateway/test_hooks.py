"""The rules of hooks: pauses, addresses, signatures, order, and the file that lists them."""

import asyncio
import re
import socket
import threading
from base64 import b64encode
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook
from tests.support.eventually import eventually
from tests.support.every_case import every_case
from tests.support.seeds import a_chance

from practio_gateway.hooks.addresses import AddressRefusedError, CheckedNetwork, may_be_posted_to
from practio_gateway.hooks.event import EventHead, head_of
from practio_gateway.hooks.lanes import Lanes
from practio_gateway.hooks.pauses import is_over, pause_after
from practio_gateway.hooks.settings import hooks_in
from practio_gateway.hooks.signing import checked_secret, signed_headers

SECRETS = [f"whsec_{b64encode(bytes([n]) * 32).decode()}" for n in (1, 2)]


def test_pauses_double_up_to_the_longest_less_up_to_half_by_chance() -> None:
    assert [pause_after(n, longest=20, chance=1) for n in range(1, 8)] == [1, 2, 4, 8, 16, 20, 20]
    assert [pause_after(n, longest=20, chance=0) for n in range(1, 8)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert pause_after(10_000, longest=300, chance=1) == 300


def test_a_receiver_may_ask_for_a_longer_pause_within_the_bound() -> None:
    assert pause_after(1, longest=20, chance=1, wait=7) == 7
    assert pause_after(1, longest=20, chance=1, wait=1e9) == 20


def test_patience_is_over_if_the_next_try_would_come_too_late() -> None:
    assert not is_over(since=100, now=110, pause=5, patience=15)
    assert is_over(since=100, now=110, pause=6, patience=15)


@every_case(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "2002:a00:1::1", "2001:0:a00:1::1", "::a00:1",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(address: str) -> None:
    assert not may_be_posted_to(address, [])


@every_case("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_addresses_are_posted_to(address: str) -> None:
    assert may_be_posted_to(address, [])


def test_a_network_that_was_allowed_is_posted_to_and_no_other() -> None:
    allowed = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    assert may_be_posted_to("10.1.2.3", allowed)
    assert may_be_posted_to("::ffff:10.1.2.3", allowed)
    assert may_be_posted_to("fd00::1", allowed)
    assert not may_be_posted_to("10.2.0.1", allowed)


def test_an_event_is_signed_with_each_secret() -> None:
    body, now = '{"text": "Grüße €"}'.encode(), datetime.now(UTC)
    headers = signed_headers(body, id="an-id", secrets=SECRETS, now=now)
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))
    for secret in SECRETS:
        Webhook(secret).verify(body, headers)


@every_case("secret", ["", "whsec_", "whsec_!!!", b64encode(b"k" * 32).decode(), "whsec_c2hvcnQ="])
def test_a_weak_or_odd_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        checked_secret(secret)


async def test_items_of_one_subject_are_done_in_order_and_side_by_side_with_others() -> None:
    chance = a_chance()
    begun: dict[str, list[int]] = {}
    at_once = 0
    most = 0

    async def work(item: tuple[str, int]) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        begun.setdefault(item[0], []).append(item[1])
        for _ in range(chance.randrange(5)):
            await asyncio.sleep(0)
        at_once -= 1

    lanes = Lanes[tuple[str, int]](work)
    items = [(f"s{chance.randrange(4)}", number) for number in range(100)]
    for item in items:
        lanes.add(item[0], item)
        if item is items[50]:
            assert not begun
            lanes.start()
    await asyncio.gather(*lanes._tasks.values())
    assert begun == {subject: [n for s, n in items if s == subject] for subject, _ in items}
    assert most == len(begun)


def test_what_is_no_event_has_no_head() -> None:
    whole = b'{"id": "1", "source": "/practio/rooms", "type": "practio.x", "subject": "s"}'
    assert head_of(whole) == EventHead("1", "/practio/rooms", "s", "practio.x")
    odd = (whole.replace(b'"1"', b"[]"), whole.replace(b'"practio.x"', b"1"), whole.replace(b'"s"', b"{}1"))
    for body in (b"", b"[]", b'{"id": "1"}', b"\xff", b'"text"', *odd):
        assert head_of(body) is None


def listed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hooks.toml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = f"""
[hooks.intranet]
url = "https://intranet.example.org/practio"
broker_url = "amqp://intranet:pass@127.0.0.1/practio"
secrets = ["{SECRETS[0]}"]
"""


def test_a_file_lists_hooks_and_names_files_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("amqp://intranet:pass@127.0.0.1/practio\n")
    (tmp_path / "secret").write_text(SECRETS[0] + "\n")
    text = f"""
    [hooks.intranet]
    url = "https://intranet.example.org/practio"
    broker_url_file = "{tmp_path}/url"
    secret_files = ["{tmp_path}/secret"]
    allowed_networks = ["10.0.0.0/8"]
    """
    [hook] = hooks_in(listed(tmp_path, text))
    assert (hook.name, hook.secrets, hook.allowed) == ("intranet", [SECRETS[0]], [ip_network("10.0.0.0/8")])
    assert hook.patience == 12 * 3600
    assert SECRETS[0] not in repr(hook)
    assert "pass" not in repr(hook)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "hooks: "),
        ("hooks = 3", "hooks: "),
        ("[other]", "only tables"),
        ("not toml", "no TOML"),
        (GOOD.replace("https:", "http:"), "https://host/path"),
        (GOOD.replace("https://", "https://user:pass@"), "without a login"),
        (GOOD.replace("whsec_", ""), "whsec_"),
        (GOOD.replace("[hooks.intranet]", "[hooks.In_Tranet]"), "no name for a hook"),
        (GOOD.replace('secrets = ["', 'secrets = ["x", "y", "'), "at most 2"),
        (GOOD + "patience = 3", "patience"),
        (GOOD + "patience_hours = 1000", "patience_hours"),
        (GOOD + 'authority = "/nowhere"', "/nowhere"),
        (GOOD.replace("amqp://", "http://"), "amqp://account"),
    ],
)
def test_a_faulty_file_is_one_sentence_without_secrets(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as found:
        hooks_in(listed(tmp_path, text))
    assert SECRETS[0].removeprefix("whsec_") not in str(found.value)
    assert "\n" not in str(found.value)


async def test_a_resolver_that_is_slow_for_one_receiver_holds_no_other_up(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, begun = threading.Event(), list[str]()

    def look_up(host: str, _port: int, **_: object) -> list[tuple[object, ...]]:
        if host == "slow":
            begun.append(host)
            goes_on.wait()
        return [(None, None, None, "", ("127.0.0.1", 1))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    slow, quick = CheckedNetwork([]), CheckedNetwork([])
    waiting = [asyncio.create_task(slow.connect_tcp("slow", 1)) for _ in range(100)]
    try:
        await eventually(lambda: bool(begun))
        with pytest.raises(AddressRefusedError):
            await quick.connect_tcp("quick", 1)
        assert not any(each.done() for each in waiting)
    finally:
        goes_on.set()
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
