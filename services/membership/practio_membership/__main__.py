"""``python -m practio_membership serve``, ``migrate`` or ``migration``."""

from practio_chassis.cli import main
from practio_membership.app import SERVICE
from practio_membership.settings import Settings

main(SERVICE, Settings)
