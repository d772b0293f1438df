"""`practio rebuild`: projections brought up to date by replay."""

from practio_operator.rebuild.rebuild import OnProgress, Rebuilt, rebuild
from practio_operator.rebuild.schemas import AllSchemas, read_schemas

__all__ = ["AllSchemas", "OnProgress", "Rebuilt", "read_schemas", "rebuild"]
