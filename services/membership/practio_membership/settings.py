"""The settings of this service: the chassis', and how long texts are kept; with the prefix ``PRACTIO_``."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from practio_chassis import settings


class Settings(settings.Settings):
    """The settings of membership.

    The answers in the inbox hold the same texts as memberships, so they do not outlast these.
    """

    texts_kept_days: Annotated[int, Field(ge=1)] = 365

    @model_validator(mode="after")
    def _texts_outlast_the_inbox(self) -> Self:
        if self.texts_kept_days < self.inbox_kept_days:
            raise ValueError("PRACTIO_TEXTS_KEPT_DAYS is at least PRACTIO_INBOX_KEPT_DAYS")
        return self
