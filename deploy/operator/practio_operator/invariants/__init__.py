"""`practio invariants`: what must hold in the tables of rooms and membership, looked at without changing anything."""

from practio_operator.invariants.check import Check, Finding
from practio_operator.invariants.checks import CHECKS
from practio_operator.invariants.looking import Begin, Looked, look

__all__ = ["CHECKS", "Begin", "Check", "Finding", "Looked", "look"]
