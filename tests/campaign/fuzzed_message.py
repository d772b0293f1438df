"""A fuzzed message, as it is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DIRECT_REPLY = "amq.rabbitmq.reply-to"

ACCOUNT = "fuzz"
"""The outside account that publishes: RabbitMQ takes no message in another name."""

CLOUD_EVENT = "application/cloudevents+json"


@dataclass(frozen=True)
class Fuzzed:
    """One message; ``raw`` are properties written as bytes, ``risky`` whether the broker itself may refuse it.

    ``accountable`` messages ask for an answer that is like no other: each must get one or be dead-lettered.
    ``token`` is the id, and the correlation id of those.
    """

    index: int
    token: str
    exchange: str
    routing_key: str
    body: bytes
    properties: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, bytes] = field(default_factory=dict)
    accountable: bool = True
    risky: bool = False
