"""The settings of this service: the chassis', and how long the past is kept; with the prefix ``PRACTIO_``."""

from typing import Annotated

from pydantic import Field

from practio_chassis import settings


class Settings(settings.Settings):
    """The settings of rooms; reports cover what is kept."""

    sessions_kept_days: Annotated[int, Field(ge=1)] = 1_095
    timelines_kept_days: Annotated[int, Field(ge=1)] = 1_095
