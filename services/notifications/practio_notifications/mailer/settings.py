"""What the sending of letters must be told."""

from datetime import timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from typing import Annotated

from email_validator import EmailNotValidError
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from practio_notifications.letters.delivery import Patience
from practio_notifications.mailer.addresses import checked


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


Seconds = Annotated[float, Field(gt=0)]


class MailSettings(BaseModel):
    """The mail server, and how patient we are with it; times in seconds.

    ``smtp_timeout`` bounds a whole attempt. A sender renews its claims as long as it lives; one that has been silent
    for ``mail_lease`` is taken for dead, and its letters are taken up again.
    """

    smtp_host: str
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Security = Security.STARTTLS
    smtp_timeout: Seconds = 60.0
    mail_from: Annotated[str, AfterValidator(_sender)]
    mail_connections: Annotated[int, Field(ge=1, le=100)] = 8
    mail_lease: Seconds = 15.0
    mail_retry_first: Seconds = 60.0
    mail_retry_most: Seconds = 3_600.0
    mail_retry_whole: Seconds = 86_400.0

    @property
    def patience(self) -> Patience:
        """Give when to try again, and until when."""
        return Patience(
            first=timedelta(seconds=self.mail_retry_first),
            most=timedelta(seconds=self.mail_retry_most),
            whole=timedelta(seconds=self.mail_retry_whole),
        )

    @property
    def sender(self) -> Address:
        """Give the name and address that letters come from."""
        name, address = parseaddr(self.mail_from)
        return Address(name, addr_spec=checked(address))
