"""The settings of this service: the chassis' and the mail server's, with the prefix ``PRACTIO_``."""

from collections.abc import Iterator

from practio_chassis import settings
from practio_notifications.delivery.settings import MailSettings


class Settings(MailSettings, settings.Settings):
    """The settings of notifications."""

    def faults(self) -> Iterator[str]:
        """Look at broker and database, mail server, pages and keys."""
        yield from settings.Settings.faults(self)
        yield from self.mail_faults()
        yield from self.pages_faults()
