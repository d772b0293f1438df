"""`practio rebuild`: what the services know of one another, said again by those who know it."""

from practio_operator.rebuilding.course import Heed, Rebuilt, rebuild
from practio_operator.rebuilding.reading import Known, knowing

__all__ = ["Heed", "Known", "Rebuilt", "knowing", "rebuild"]
