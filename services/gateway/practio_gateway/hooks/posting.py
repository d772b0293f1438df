"""One try to deliver an event: a request by HTTPS, and what came of it."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto

import httpcore

from practio_contracts.envelope import CONTENT_TYPE
from practio_gateway.hooks.addresses import AddressRefusedError, CheckedNetwork
from practio_gateway.hooks.hook import Hook

_MOST_READ = 16 * 1024
_DRAIN_SECONDS = 1.0
_KEEP_ALIVE_SECONDS = 30.0
_GONE = 410


class Taken(Enum):
    """What a receiver that understood answered: it took the event, or wants no more of them."""

    DELIVERED = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Failed:
    """Why an event was not taken, as a stable ``reason`` and in words, and how long to wait at least, in seconds."""

    reason: str
    detail: str
    wait: float = 0.0


class Poster:
    """Posts events to the receiver of one hook."""

    def __init__(self, hook: Hook) -> None:
        self._url, self._whole = hook.url, hook.whole_seconds
        self._timeouts = {
            "connect": hook.connect_seconds,
            "read": hook.read_seconds,
            "write": hook.read_seconds,
            "pool": hook.whole_seconds,
        }
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(cafile=str(hook.authority) if hook.authority else None),
            max_connections=hook.at_once,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=CheckedNetwork(hook.allowed),
        )

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Taken | Failed:
        """Post an event once; redirects are not followed, and of the response little more than its status is read."""
        sent = {"content-type": CONTENT_TYPE, "user-agent": "Practio", **headers}
        try:
            async with (
                asyncio.timeout(self._whole),
                self._pool.stream(
                    "POST",
                    self._url,
                    headers=list(sent.items()),
                    content=body,
                    extensions={"timeout": self._timeouts},
                ) as response,
            ):
                outcome = _outcome(response)
                await _drain(response)
                return outcome
        except (TimeoutError, httpcore.TimeoutException) as error:
            return Failed("timeout", f"no response in time ({type(error).__name__})")
        except AddressRefusedError as error:
            return Failed("address", str(error))
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return _broken(error)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


def _outcome(response: httpcore.Response) -> Taken | Failed:
    status = response.status
    if 200 <= status < 300:
        return Taken.DELIVERED
    if status == _GONE:
        return Taken.GONE
    reason = "redirect" if 300 <= status < 400 else "status"
    return Failed(reason, f"the receiver answered {status}", _retry_after(response, now=datetime.now(UTC)))


def _retry_after(response: httpcore.Response, *, now: datetime) -> float:
    written = next((value.decode("latin-1") for name, value in response.headers if name.lower() == b"retry-after"), "")
    if written.isdecimal():
        return float(written[:9])
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, (parsedate_to_datetime(written) - now).total_seconds())
    return 0.0


async def _drain(response: httpcore.Response) -> None:
    """Read a short response, so that its connection can be used again; one with a longer body is closed."""
    read = 0
    with suppress(TimeoutError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for part in response.aiter_stream():
                read += len(part)
                if read > _MOST_READ:
                    return


def _broken(error: BaseException) -> Failed:
    """Return why there was no response; a certificate that is not the receiver's has a reason of its own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return Failed("certificate", f"the receiver's certificate is not accepted ({type(cause).__name__})")
        cause = cause.__cause__ or cause.__context__
    return Failed("connection", f"the receiver cannot be reached ({type(error).__name__})")
