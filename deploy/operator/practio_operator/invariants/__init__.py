"""`practio invariants`: consistency checks on the tables of rooms and membership, which change nothing."""

from practio_operator.invariants.check import Check, Finding
from practio_operator.invariants.checks import CHECKS
from practio_operator.invariants.runner import Findings, OnCheck, run_checks

__all__ = ["CHECKS", "Check", "Finding", "Findings", "OnCheck", "run_checks"]
