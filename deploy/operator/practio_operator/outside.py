"""The permissions of an outside account, from the patterns that an operator grants (contracts.md, Addresses)."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from practio_chassis.broker.objects import NOTHING, Account, Binding, Queue, Topology
from practio_chassis.broker.topology import outside_queue
from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, EVENTS, QUERIES, SERVICES, exchange_of
from practio_operator.errors import OperatorError

REPLIES = "amq.rabbitmq.reply-to"
HTTP = "management"
"""The tag of accounts that may publish over HTTP; it shows them the vhost, and lets them change nothing."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?")
_MAY = re.compile(r"[a-z0-9-]+\.[a-z0-9.*-]+")
_LISTEN = re.compile(r"([a-z0-9-]+|\*|#)(\.([a-z0-9-]+|\*|#))*")
_ANY = "[a-z0-9.-]*"


def outside_topology(account: str, *, may: Sequence[str], listen: Sequence[str], over_http: bool = False) -> Topology:
    """Return an outside account, its queue and the queue's bindings.

    ``may`` contains routing keys in which ``*`` stands for anything after the owner, ``listen`` AMQP's topic patterns.
    ``over_http`` gives access to the broker's management interface, with the same rights as over AMQP. Raise
    OperatorError if a name or pattern is invalid.
    """
    _check(account, may, listen)
    queue = outside_queue(account)
    tags = [HTTP] if over_http else []
    return Topology(
        queues=[Queue(queue)],
        bindings=[Binding(EVENTS, queue, pattern) for pattern in listen],
        accounts=[Account(name=account, topics=_topics(may), reads=[queue, REPLIES], tags=tags)],
    )


def granted(topics: Sequence[str]) -> list[str]:
    """Return the ``may`` patterns from which topic permissions were made, each once."""
    parts = [part for keys in topics if keys != NOTHING for part in keys[2:-2].split("|")]
    return list(dict.fromkeys(part.replace(_ANY, "*").replace("\\", "") for part in parts))


def _topics(may: Sequence[str]) -> dict[str, str]:
    """Every exchange has an entry: RabbitMQ allows every key if one has none."""
    ours = [pattern for pattern in may if pattern.partition(".")[0] in SERVICES]
    theirs = [pattern for pattern in may if pattern not in ours]
    return {COMMANDS: _keys(ours), QUERIES: _keys(ours), DIRECTORY: _keys(theirs)}


def _keys(patterns: Sequence[str]) -> str:
    parts = [_ANY.join(re.escape(text) for text in pattern.split("*")) for pattern in patterns]
    return f"^({'|'.join(parts)})$" if parts else NOTHING


def _check(account: str, may: Sequence[str], listen: Sequence[str]) -> None:
    if not _NAME.fullmatch(account) or account.startswith("practio"):
        raise OperatorError(
            f"{account!r} is no name for an outside account: "
            "take small letters, digits and hyphens, not beginning with practio."
        )
    for pattern in may:
        if not _MAY.fullmatch(pattern) or not any(fnmatchcase(key, pattern) for key in _sayable()):
            raise OperatorError(f"No command, query or event of people matches {pattern!r}; try 'membership.*'.")
    for pattern in listen:
        if not _LISTEN.fullmatch(pattern):
            raise OperatorError(f"{pattern!r} is not a pattern of events; try 'membership.#', or '#' for all.")


def _sayable() -> list[str]:
    return [key for key, message in CATALOGUE.items() if exchange_of(message) in (COMMANDS, QUERIES, DIRECTORY)]
