"""`practio rebuild`: what the services know of one another, said again by those who know it."""

from practio_operator.rebuild.reading import Known, knowing
from practio_operator.rebuild.rebuild import Heed, Rebuilt, rebuild

__all__ = ["Heed", "Known", "Rebuilt", "knowing", "rebuild"]
