"""Backups: a file a schema and one of the broker's definitions, in a folder with a manifest; and their restore."""

from practio_operator.backup.manifest import BROKER, PARTS, Manifest
from practio_operator.backup.programs import Programs
from practio_operator.backup.restoring import Plan, plan_of, restore
from practio_operator.backup.taking import take

__all__ = ["BROKER", "PARTS", "Manifest", "Plan", "Programs", "plan_of", "restore", "take"]
