"""The errors that operators see."""


class OperatorError(Exception):
    """A failure, in one sentence for the operator; the command prints it and exits with ``exit_code``."""

    exit_code = 1


def sentence(error: BaseException) -> str:
    """Return the text of an error, or its class if it has none, without a full stop, which the caller adds."""
    return str(error).rstrip(".") or type(error).__name__


class NotCheckedError(OperatorError):
    """A check could not be run, so nobody knows whether it holds."""

    exit_code = 2


class UsageError(OperatorError):
    """The command line has an invalid value."""

    exit_code = 2
