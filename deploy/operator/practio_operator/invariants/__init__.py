"""`practio invariants`: consistency checks on the tables of rooms and membership, which change nothing."""

from practio_operator.invariants.check import Check, Finding
from practio_operator.invariants.checks import CHECKS
from practio_operator.invariants.looking import Begin, Looked, look

__all__ = ["CHECKS", "Begin", "Check", "Finding", "Looked", "look"]
