"""`practio rebuild`: lets the services replay what others know about them."""

from practio_operator.rebuild.reading import Known, knowing
from practio_operator.rebuild.rebuild import Heed, Rebuilt, rebuild

__all__ = ["Heed", "Known", "Rebuilt", "knowing", "rebuild"]
