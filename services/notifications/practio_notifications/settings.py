"""The settings of this service: the chassis' and the mail server's, with the prefix ``PRACTIO_``."""

from practio_chassis import settings
from practio_notifications.mailer.settings import MailSettings


class Settings(MailSettings, settings.Settings):
    """What notifications must be told."""
