"""What becomes of a message that could not be handled."""

from typing import Any

from pamqp import encode

from practio_chassis.inbound.admission import Origin
from practio_chassis.inbound.retry import Redirect, dead_letter_redirect, retry_redirect

ORIGIN = Origin("practio.commands", "membership.withdraw.v1", "intranet")


def aside_after(attempts: int, headers: dict[str, Any] | None = None) -> Redirect:
    origin = Origin(ORIGIN.exchange, ORIGIN.routing_key, ORIGIN.account, attempts)
    return retry_redirect(queue="membership.commands", origin=origin, headers=headers or {}, error="ValueError")


def test_each_attempt_waits_longer_and_the_fourth_gives_up() -> None:
    assert [aside_after(attempts).routing_key for attempts in range(4)] == [
        "membership.commands.retry.5s",
        "membership.commands.retry.1m",
        "membership.commands.retry.10m",
        "membership.commands.dead",
    ]


def test_who_spoke_first_travels_with_it() -> None:
    headers = aside_after(0).headers
    assert headers["practio-account"] == "intranet"
    assert headers["practio-exchange"] == "practio.commands"
    assert headers["practio-routing-key"] == "membership.withdraw.v1"
    assert headers["practio-attempt"] == 1


def test_headers_that_would_route_it_elsewhere_stay_behind_and_others_stay() -> None:
    headers = aside_after(0, {"CC": ["rooms.commands"], "bcc": ["x"], "x-death": [], "cloudEvents:id": "1"}).headers
    assert not {"CC", "bcc", "x-death"} & set(headers)
    assert headers["cloudEvents:id"] == "1"


def test_the_reason_is_said_where_it_is_given_up() -> None:
    aside = dead_letter_redirect(queue="rooms.events", origin=ORIGIN, headers={}, reason="invalid", detail="x" * 2_000)
    assert (aside.exchange, aside.routing_key) == ("practio.dead", "rooms.events.dead")
    assert aside.headers["practio-reason"] == "invalid"
    assert len(aside.headers["practio-detail"]) == 500


def test_notes_of_an_earlier_death_do_not_outlive_a_second_try() -> None:
    assert "practio-reason" not in aside_after(0, {"practio-reason": "gave-up"}).headers


def test_headers_of_a_stranger_never_keep_a_message_from_being_put_aside() -> None:
    odd = {"cloudEvents:id": "1", "text": b"\xff", "long": "x" * 130_000}
    headers = aside_after(3, odd).headers
    assert headers["cloudEvents:id"] == "1"
    assert len(encode.field_table(dict(headers))) < 128 * 1024
