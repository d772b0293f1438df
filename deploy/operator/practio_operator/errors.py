"""What an operator is told when something cannot be done."""


class OperatorError(Exception):
    """One clear sentence for the person at the terminal; the command prints it and exits with ``exit_code``."""

    exit_code = 1


def sentence(error: BaseException) -> str:
    """Give what an error says, or its kind where it says nothing, without a full stop: what tells of it sets one."""
    return str(error).rstrip(".") or type(error).__name__


class NotCheckedError(OperatorError):
    """Nothing can be said of what was to be checked, which is neither that it holds nor that it is broken."""

    exit_code = 2


class TypedWronglyError(OperatorError):
    """What was typed is nothing that the command understands."""

    exit_code = 2
