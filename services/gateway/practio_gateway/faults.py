"""What a caller did wrong, or what the gateway cannot do now, each with its status code and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from practio_contracts.answers import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFault:
    """Why a request is not met: a status code of HTTP, a stable ``code``, and words that say what to do."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


CHALLENGE = {"www-authenticate": 'Basic realm="Practio", charset="UTF-8"'}

NO_LOGIN = HttpFault(
    status=401,
    code="no-login",
    detail="Send the name and the password of your account on the broker, by HTTP Basic.",
    headers=CHALLENGE,
)
WRONG_LOGIN = HttpFault(
    status=401,
    code="wrong-login",
    detail="The broker refuses this account or its password: ask the operator of Practio for the present ones.",
    headers=CHALLENGE,
)
TOO_LARGE = HttpFault(
    status=413, code="too-large", detail="A message has at most 262,144 bytes (256 KiB): send less in one message."
)
TOO_SLOW = HttpFault(status=408, code="too-slow", detail="The message did not arrive in time: send it again.")
AWAY = HttpFault(
    status=503,
    code="broker-away",
    detail="The broker cannot be reached, and nothing was sent: send the same message again, with the same id.",
    headers={"retry-after": "5"},
)
NOT_CONFIRMED = HttpFault(
    status=503,
    code="not-confirmed",
    detail="The broker did not take the message: send it again, with the same id.",
    headers={"retry-after": "5"},
)
TOO_MANY_CONNECTIONS = HttpFault(
    status=503,
    code="too-many-accounts",
    detail="Too many accounts use the gateway at once, and nothing was sent: send the same message again.",
    headers={"retry-after": "5"},
)
NO_ANSWER = HttpFault(
    status=504,
    code="no-answer",
    detail="No answer came in time, and it may still be done: send the same message again, with the same id.",
    headers={"retry-after": "5"},
)


def too_many(*, wait: float, of: str) -> HttpFault:
    """Return the fault of somebody who calls too often, with the seconds until the next call."""
    seconds = max(1, round(wait + 0.5))
    return HttpFault(
        status=429,
        code="too-many",
        detail=f"Too many requests {of}, and nothing was sent: send it again in {seconds} s.",
        headers={"retry-after": str(seconds)},
    )
