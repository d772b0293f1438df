"""What the settings of membership refuse."""

import pytest
from pydantic import ValidationError

from practio_membership.settings import Settings


def settings(**kept: int) -> Settings:
    urls = {
        "broker_url": "amqp://practio-membership:secret@broker/practio",
        "database_url": "postgresql://practio_membership@database/practio",
    }
    return Settings.model_validate(urls | kept)


def test_texts_are_not_kept_longer_in_answers_than_in_memberships() -> None:
    settings(texts_kept_days=7, inbox_kept_days=7)
    with pytest.raises(ValidationError, match="PRACTIO_TEXTS_KEPT_DAYS is at least PRACTIO_INBOX_KEPT_DAYS"):
        settings(texts_kept_days=7)
