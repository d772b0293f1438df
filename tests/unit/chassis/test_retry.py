"""Redirects of a message that could not be handled."""

from typing import Any

from pamqp import encode

from practio_chassis.context import NotKnownYetError
from practio_chassis.inbound.admission import Origin
from practio_chassis.inbound.retry import cause_of, dead_letter_redirect, is_last_attempt, retry_redirect
from practio_chassis.outbound.redirects import Redirect

ORIGIN = Origin("practio.commands", "membership.withdraw.v1", "intranet")


def redirect_after(attempts: int, headers: dict[str, Any] | None = None) -> Redirect:
    origin = Origin(ORIGIN.exchange, ORIGIN.routing_key, ORIGIN.account, attempts)
    return retry_redirect(queue="membership.commands", origin=origin, headers=headers or {})


def test_each_attempt_waits_longer_and_the_fourth_is_the_last() -> None:
    assert [redirect_after(attempts).routing_key for attempts in range(3)] == [
        "membership.commands.retry.5s",
        "membership.commands.retry.1m",
        "membership.commands.retry.10m",
    ]
    attempts = [Origin(ORIGIN.exchange, ORIGIN.routing_key, ORIGIN.account, attempt) for attempt in range(4)]
    assert [is_last_attempt(origin) for origin in attempts] == [False, False, False, True]


def test_the_first_account_is_kept_in_a_header() -> None:
    headers = redirect_after(0).headers
    assert headers["practio-account"] == "intranet"
    assert headers["practio-exchange"] == "practio.commands"
    assert headers["practio-routing-key"] == "membership.withdraw.v1"
    assert headers["practio-attempt"] == 1


def test_headers_that_would_reroute_a_message_are_removed_and_others_stay() -> None:
    headers = redirect_after(0, {"CC": ["rooms.commands"], "bcc": ["x"], "x-death": [], "cloudEvents:id": "1"}).headers
    assert not {"CC", "bcc", "x-death"} & set(headers)
    assert headers["cloudEvents:id"] == "1"


def test_a_dead_letter_has_its_reason() -> None:
    redirect = dead_letter_redirect(
        queue="rooms.events", origin=ORIGIN, headers={}, reason="invalid", detail="x" * 2_000
    )
    assert (redirect.exchange, redirect.routing_key) == ("practio.dead", "rooms.events.dead")
    assert redirect.headers["practio-reason"] == "invalid"
    assert len(redirect.headers["practio-detail"]) == 500


def test_a_dead_letter_names_what_was_missing_and_of_other_errors_only_class_and_place() -> None:
    missing = NotKnownYetError("room-unknown", "no event of the room 7 has arrived")
    assert cause_of(missing) == ("room-unknown", "no event of the room 7 has arrived")
    assert cause_of(KeyError("Ada")) == ("gave-up", "KeyError at ")


def test_headers_of_an_earlier_dead_letter_are_removed_on_a_second_try() -> None:
    assert "practio-reason" not in redirect_after(0, {"practio-reason": "gave-up"}).headers


def test_foreign_headers_never_prevent_a_redirect() -> None:
    odd = {"cloudEvents:id": "1", "text": b"\xff", "long": "x" * 130_000}
    headers = redirect_after(2, odd).headers
    assert headers["cloudEvents:id"] == "1"
    assert len(encode.field_table(dict(headers))) < 128 * 1024
