"""``python -m practio_notifications serve``, ``migrate`` or ``migration``."""

from practio_chassis.cli import main
from practio_notifications.app import SERVICE
from practio_notifications.settings import Settings

main(SERVICE, Settings)
