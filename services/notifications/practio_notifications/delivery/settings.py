"""The settings of sending letters."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from enum import StrEnum
from functools import cached_property
from typing import Annotated
from uuid import UUID

from email_validator import EmailNotValidError
from pydantic import AfterValidator, Field, FilePath, SecretStr, ValidationInfo, field_validator

from practio_chassis.environment.production_checks import is_here, secret_faults
from practio_contracts.recipients import checked
from practio_notifications.letters.delivery import RetrySchedule
from practio_notifications.rendering.links import PagesSettings
from practio_notifications.rendering.mail_addresses import MailAddress


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


def _sender(written: str) -> str:
    try:
        checked(parseaddr(written)[1])
    except EmailNotValidError as error:
        raise ValueError("write it as practio@example.org, or as Practio <practio@example.org>") from error
    return written


def _bounces(written: str) -> str:
    try:
        checked(written.replace("{letter}", str(UUID(int=0))))
    except EmailNotValidError as error:
        raise ValueError("write it as bounces+{letter}@example.org") from error
    if written.count("{letter}") != 1:
        raise ValueError("name the letter once, as {letter}")
    return written


def _replies(written: str) -> str:
    try:
        checked(written.replace("{reply}", str(UUID(int=0))))
    except EmailNotValidError as error:
        raise ValueError("write it as answers+{reply}@example.org") from error
    if written.count("{reply}") != 1:
        raise ValueError("name the reply once, as {reply}")
    return written


def _unsubscribe(written: str) -> str:
    if not re.fullmatch(r"(mailto:[^\s<>,@]+@|https://)[^\s<>,]+", written) or not written.isascii():
        raise ValueError("write it as mailto:… or https://…, without spaces and commas")
    if not all(written.count(place) == 1 for place in ("{letter}", "{category}")):
        raise ValueError("name the letter and the category once each, as {letter} and {category}")
    return written


Seconds = Annotated[float, Field(gt=0)]


class MailSettings(PagesSettings):
    """The mail server, and the schedule of attempts; times in seconds.

    ``smtp_ca`` is the certificate file of the mail server's authority, if it is not a public one. ``smtp_timeout``
    bounds a whole attempt. A sender renews its claims as long as it lives; one that has been silent for ``mail_lease``
    counts as dead, and its letters are claimed again. ``mail_bounces`` receives letters that cannot be delivered
    (VERP); without it, ``mail_from`` does. ``mail_replies`` receives the answers of calendars: it is the organiser of
    entries, one address a person and session; without it, they ask for no answer. ``mail_unsubscribe`` is where readers
    unsubscribe from a category; without it, pages are; without pages, letters have no such header (RFC 2369, RFC 8058).
    A letter above ``mail_most_bytes`` leaves in a shorter form. While the mail server refuses all letters, one leaves
    every ``mail_probe_every``.
    """

    smtp_host: str
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = Field(None, validate_default=True)
    smtp_security: Security = Security.STARTTLS
    smtp_ca: FilePath | None = None
    smtp_timeout: Seconds = 60.0
    mail_from: Annotated[str, AfterValidator(_sender)]
    mail_bounces: Annotated[str, AfterValidator(_bounces)] | None = None
    mail_replies: Annotated[str, AfterValidator(_replies)] | None = None
    mail_unsubscribe: Annotated[str, AfterValidator(_unsubscribe)] | None = None
    mail_connections: Annotated[int, Field(ge=1, le=100)] = 8
    mail_lease: Seconds = 15.0
    mail_most_bytes: Annotated[int, Field(ge=100_000)] = 2_000_000
    mail_retry_first: Seconds = 60.0
    mail_retry_most: Seconds = 3_600.0
    mail_retry_whole: Seconds = 86_400.0
    mail_probe_every: Seconds = 60.0

    @field_validator("smtp_password")
    @classmethod
    def _with_its_account(cls, password: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        """Check that an account has a password: without, every letter would be refused by the mail server.

        One without an account is not used: Compose for production brings its file along, login or not.
        """
        if others.data.get("smtp_username") is not None and password is None:
            raise ValueError("the account PRACTIO_SMTP_USERNAME has no PRACTIO_SMTP_PASSWORD: give it, or neither")
        return password

    @property
    def patience(self) -> RetrySchedule:
        """Return when to try again, and for how long."""
        return RetrySchedule(
            first=timedelta(seconds=self.mail_retry_first),
            most=timedelta(seconds=self.mail_retry_most),
            whole=timedelta(seconds=self.mail_retry_whole),
        )

    def mail_faults(self) -> Iterator[str]:
        """Yield a sentence for each setting of the mail server that is not safe in production."""
        if self.smtp_security is Security.NONE and not is_here(self.smtp_host):
            yield "PRACTIO_SMTP_SECURITY leaves letters unprotected: write starttls or tls"
        if self.smtp_password is not None:
            yield from secret_faults("PRACTIO_SMTP_PASSWORD", [self.smtp_password.get_secret_value()])

    def envelope_sender(self, letter_id: UUID) -> str:
        """Return the address to which a letter returns if it cannot be delivered."""
        if self.mail_bounces is None:
            return self.sender.addr_spec
        return checked(self.mail_bounces.replace("{letter}", str(letter_id)))

    def answered_to(self, reply_id: UUID | None) -> MailAddress | None:
        """Return the address to which a calendar entry is answered; None if it asks for no answer."""
        if self.mail_replies is None or reply_id is None:
            return None
        return MailAddress(self.sender.display_name, checked(self.mail_replies.replace("{reply}", str(reply_id))))

    @cached_property
    def sender(self) -> MailAddress:
        """Return the name and address that letters come from."""
        name, address = parseaddr(self.mail_from)
        return MailAddress(name, checked(address))
