"""The settings of notifications for the mail server."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from tests.support.every_case import every_case

from practio_notifications.delivery.settings import MailSettings
from practio_notifications.rendering.mail_addresses import MailAddress


def settings(**given: Any) -> MailSettings:
    return MailSettings.model_validate({"smtp_host": "mail.example.org", "mail_from": "practio@example.org"} | given)


def test_mail_uses_tls_unless_set_otherwise() -> None:
    assert (settings().smtp_security, settings().smtp_port) == ("starttls", 587)


@every_case("written", ["Practio <practio@example.org>", "practio@example.org"])
def test_the_sender_is_an_address_with_or_without_a_name(written: str) -> None:
    assert settings(mail_from=written).sender.addr_spec == "practio@example.org"


@every_case("written", ["", "Practio", "practio@", "Practio <>"])
def test_an_invalid_sender_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match=r"practio@example\.org"):
        settings(mail_from=written)


def test_answers_of_calendars_go_to_an_address_of_each_entry() -> None:
    asking = settings(mail_from="Practio <practio@example.org>", mail_replies="answers+{reply}@example.org")
    answered_to = asking.answered_to(UUID(int=7))
    assert answered_to == MailAddress("Practio", "answers+00000000-0000-0000-0000-000000000007@example.org")
    assert asking.answered_to(None) is None
    assert settings().answered_to(UUID(int=7)) is None


@every_case("written", ["answers@example.org", "answers+{reply}", "{reply}+{reply}@example.org"])
def test_an_address_for_answers_without_a_place_for_the_entry_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="reply"):
        settings(mail_replies=written)


def test_a_password_is_not_shown() -> None:
    assert "hidden" not in repr(settings(smtp_username="practio", smtp_password="hidden"))


def test_an_account_without_its_password_is_refused() -> None:
    with pytest.raises(ValidationError, match="PRACTIO_SMTP_USERNAME has no PRACTIO_SMTP_PASSWORD"):
        settings(smtp_username="practio")


def test_a_password_without_an_account_is_allowed() -> None:
    assert settings(smtp_password="own").smtp_username is None


KEY = "k" * 32


def test_letters_have_links_if_pages_and_keys_are_set() -> None:
    assert settings().links is None
    assert settings(pages_url="https://rooms.example.org", link_keys=KEY).links is not None


@every_case("given", [{"pages_url": "https://rooms.example.org"}, {"link_keys": KEY}])
def test_pages_without_keys_and_keys_without_pages_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give PRACTIO_PAGES_URL and PRACTIO_LINK_KEYS both, or neither"):
        settings(**given)


def test_an_invalid_pages_url_is_reported_once() -> None:
    with pytest.raises(ValidationError) as error:
        settings(pages_url="rooms.example.org", link_keys=KEY)
    assert [fault["loc"] for fault in error.value.errors()] == [("pages_url",)]


def test_keys_are_not_shown() -> None:
    assert KEY not in repr(settings(pages_url="https://rooms.example.org", link_keys=KEY))
