"""``python -m practio_rooms serve``, ``migrate`` or ``migration``."""

from practio_chassis.cli import main
from practio_rooms.app import SERVICE
from practio_rooms.settings import Settings

main(SERVICE, Settings)
