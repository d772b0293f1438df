"""What an operator is told when something cannot be done."""


class OperatorError(Exception):
    """One clear sentence for the person at the terminal; the command prints it and exits with 1."""
