"""The settings of this service: the chassis' and the mail server's, with the prefix ``PRACTIO_``."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from practio_chassis import settings
from practio_notifications.delivery.settings import MailSettings


class Settings(MailSettings, settings.Settings):
    """The settings of notifications; what is kept, in days, is counted from when it was written or was over.

    A letter is kept at least as long as the inbox: it is what keeps an event that comes again from causing another one.
    ``self_introduction``: whether an address that nobody knows may become a person, once its owner has confirmed it;
    ``introductions_per_day`` letters ask for that, at most. Hosts invite ``invited_addresses_per_day`` together.
    """

    letter_texts_kept_days: Annotated[int, Field(ge=14)] = 30
    letters_kept_days: Annotated[int, Field(ge=30)] = 730
    session_copies_kept_days: Annotated[int, Field(ge=1)] = 90
    bounces_kept_days: Annotated[int, Field(ge=8)] = 90
    self_introduction: Literal["off", "confirmed"] = "off"
    introductions_per_day: Annotated[int, Field(ge=1)] = 500
    invited_addresses_per_day: Annotated[int, Field(ge=1)] = 1000

    @model_validator(mode="after")
    def _letters_outlast_the_inbox(self) -> Self:
        if self.letters_kept_days < self.inbox_kept_days:
            raise ValueError("PRACTIO_LETTERS_KEPT_DAYS is at least PRACTIO_INBOX_KEPT_DAYS")
        return self

    @property
    def may_introduce_themselves(self) -> bool:
        """Return whether people may introduce themselves: there are pages, and the operator wants it."""
        return self.self_introduction == "confirmed" and self.pages_url is not None

    def faults(self) -> Iterator[str]:
        """Look at broker and database, mail server, pages and keys."""
        yield from settings.Settings.faults(self)
        yield from self.mail_faults()
        yield from self.pages_faults()
