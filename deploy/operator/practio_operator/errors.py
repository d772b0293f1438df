"""The errors that operators see."""


class OperatorError(Exception):
    """One clear sentence for the person at the terminal; the command prints it and exits with ``exit_code``."""

    exit_code = 1


def sentence(error: BaseException) -> str:
    """Return the text of an error, or its class if it has none, without a full stop, which the caller adds."""
    return str(error).rstrip(".") or type(error).__name__


class NotCheckedError(OperatorError):
    """A check could not be made: neither does it hold nor is it broken."""

    exit_code = 2


class TypedWronglyError(OperatorError):
    """The command does not understand what was typed."""

    exit_code = 2
