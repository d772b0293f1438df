"""Backups, and restoring them: one file per schema and one of the broker's definitions, with a manifest."""

from practio_operator.backup.creation import create_backup
from practio_operator.backup.manifest import BROKER, PARTS, Manifest
from practio_operator.backup.programs import Programs
from practio_operator.backup.restoration import RestorationPlan, plan_restore, restore

__all__ = ["BROKER", "PARTS", "Manifest", "Programs", "RestorationPlan", "create_backup", "plan_restore", "restore"]
