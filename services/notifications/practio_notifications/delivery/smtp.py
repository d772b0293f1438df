"""Handing mail to the mail server, on connections that are used again (RFC 5321)."""

import asyncio
import re
from dataclasses import dataclass
from time import monotonic

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError
from aiosmtplib.errors import SMTPDataError, SMTPRecipientRefused, SMTPSenderRefused

from practio_notifications.delivery.mail import Mail
from practio_notifications.delivery.settings import MailSettings, Security
from practio_notifications.letters.breaker import ServerSign
from practio_notifications.letters.delivery import AttemptOutcome, DeliveryAttempt

_SERVICE_CLOSING = 421
_WARM_SECONDS = 60.0
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_ABOUT_THE_LETTER = (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError)
_NO_LOGIN = (530, 535, 538)
_POLICY = re.compile(r"5\.7\.\d{1,3}\b")
_NOT_THIS_SENDER = re.compile(r"5\.(7\.60|2\.252)\b")
"""Exchange says only after DATA that an account may not send under our address."""


@dataclass(slots=True)
class _Attempt:
    """How far an attempt got: once DATA is sent, the letter may arrive even if no answer does."""

    client: SMTP | None = None
    data_sent: bool = False


class SmtpConnections:
    """Connections to one mail server, opened when they are needed and used for letter after letter."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._idle: list[SMTP] = []
        self._used_at = monotonic()

    async def deliver(self, mail: Mail) -> DeliveryAttempt:
        """Try once to hand over ``mail``, within the settings' time; whatever the server does is an outcome."""
        attempt = _Attempt()
        try:
            async with asyncio.timeout(self._settings.smtp_timeout):
                await self._send(mail, attempt)
        except SMTPResponseException as error:
            self._drop(attempt)
            return _answered(error, attempt)
        except (SMTPException, OSError, TimeoutError) as error:
            self._drop(attempt)
            return _lost(error, attempt)
        except BaseException:
            self._drop(attempt)
            raise
        assert attempt.client is not None
        self._idle.append(attempt.client)
        self._used_at = monotonic()
        return DeliveryAttempt(AttemptOutcome.ACCEPTED, sign=ServerSign.TAKES_LETTERS)

    async def rest(self) -> None:
        """Close the connections that a pause leaves without work, but one, which stays open for a minute.

        The next letter comes alone, as a rule: it then waits for no connection, no TLS and no login.
        """
        await self.close(keep=1 if monotonic() - self._used_at < _WARM_SECONDS else 0)

    async def close(self, *, keep: int = 0) -> None:
        """Send QUIT on the connections that are not in use, but for ``keep`` of them."""
        while len(self._idle) > keep:
            client = self._idle.pop(0)
            try:
                await client.quit(timeout=1)
            except (SMTPException, OSError, TimeoutError):
                client.close()

    async def _send(self, mail: Mail, attempt: _Attempt) -> None:
        attempt.client = await self._begin(mail, attempt)
        await attempt.client.rcpt(mail.recipient)
        attempt.data_sent = True
        await attempt.client.data(mail.content)

    async def _begin(self, mail: Mail, attempt: _Attempt) -> SMTP:
        """Send MAIL on an open connection; if the server has closed it in the meantime, on a new one."""
        while self._idle:
            attempt.client = client = self._idle.pop()
            try:
                await client.mail(mail.sender)
            except SMTPServerDisconnected:
                continue
            except SMTPSenderRefused as error:
                if error.code != _SERVICE_CLOSING:
                    raise
                client.close()
                continue
            return client
        attempt.client = client = self._new()
        await client.connect()
        await client.mail(mail.sender)
        return client

    def _new(self) -> SMTP:
        settings = self._settings
        password = settings.smtp_password
        return SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=password.get_secret_value() if password else None,
            use_tls=settings.smtp_security is Security.TLS,
            start_tls=settings.smtp_security is Security.STARTTLS,
            cert_bundle=str(settings.smtp_ca) if settings.smtp_ca else None,
            timeout=settings.smtp_timeout,
        )

    def _drop(self, attempt: _Attempt) -> None:
        if attempt.client is not None:
            attempt.client.close()


def _answered(error: SMTPResponseException, attempt: _Attempt) -> DeliveryAttempt:
    """Return the outcome of an answer: only an answer about the letter itself is final; a relay can be repaired."""
    code = error.code
    if 400 <= code < 500:
        return DeliveryAttempt(AttemptOutcome.LATER, _reason(error))
    if 500 <= code < 600:
        sign = _sign_of(error)
        outcome = AttemptOutcome.NEVER if sign is ServerSign.TAKES_LETTERS else AttemptOutcome.LATER
        return DeliveryAttempt(outcome, _reason(error), sign)
    return DeliveryAttempt(
        AttemptOutcome.UNCERTAIN if attempt.data_sent else AttemptOutcome.LATER, "smtp-answer-garbled"
    )


def _sign_of(error: SMTPResponseException) -> ServerSign:
    """Return what a 5xx says about the mail server: whether it refuses the letter, or us (RFC 4954, 6; RFC 3463, 3.8).

    A policy that refuses the content of a letter is about that letter.
    """
    if error.code in _NO_LOGIN or not isinstance(error, _ABOUT_THE_LETTER):
        return ServerSign.REFUSES_ALL
    if isinstance(error, SMTPDataError):
        return ServerSign.REFUSES_ALL if _NOT_THIS_SENDER.match(error.message) else ServerSign.TAKES_LETTERS
    if not _POLICY.match(error.message):
        return ServerSign.TAKES_LETTERS
    return ServerSign.REFUSES_ALL if isinstance(error, SMTPSenderRefused) else ServerSign.REFUSES_ONE


def _lost(error: Exception, attempt: _Attempt) -> DeliveryAttempt:
    if attempt.data_sent:
        return DeliveryAttempt(AttemptOutcome.UNCERTAIN, "connection-lost-after-data")
    if isinstance(error, (TimeoutError, SMTPTimeoutError)):
        return DeliveryAttempt(AttemptOutcome.LATER, "smtp-timeout")
    return DeliveryAttempt(AttemptOutcome.LATER, "smtp-unreachable")


def _reason(error: SMTPResponseException) -> str:
    """Return the codes of an answer (RFC 3463); never its text, which may contain the address."""
    enhanced = _ENHANCED.match(error.message)
    return f"smtp-{error.code}-{enhanced[0]}" if enhanced else f"smtp-{error.code}"
