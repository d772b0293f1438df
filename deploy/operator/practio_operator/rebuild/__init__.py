"""`practio rebuild`: lets the services replay what others know about them."""

from practio_operator.rebuild.reading import AllSchemas, knowing
from practio_operator.rebuild.rebuild import OnProgress, Rebuilt, rebuild

__all__ = ["AllSchemas", "OnProgress", "Rebuilt", "knowing", "rebuild"]
