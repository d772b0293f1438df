"""The permissions of an outside account, from the patterns that an operator grants."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from practio_chassis.broker.objects import NOTHING, Account, Binding, Queue, Topology, one_of
from practio_chassis.broker.queue_names import dead_queue, outside_queue
from practio_contracts.catalogue import CATALOGUE, COMMANDS, DEAD, DIRECTORY, EVENTS, QUERIES, exchange_of
from practio_operator.console.errors import OperatorError

REPLIES = "amq.rabbitmq.reply-to"
HTTP = "management"
"""The tag of accounts that may publish over HTTP; it lets them see the vhost, and change nothing."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?")
_MAY = re.compile(r"[a-z0-9-]+\.[a-z0-9.*-]+")
_LISTEN = re.compile(r"([a-z0-9-]+|\*|#)(\.([a-z0-9-]+|\*|#))*")
_NOTE = re.compile(r"\^\(\?#([^)]*)\)")
_ANY = "[a-z0-9.-]*"
_MOST_PATTERNS = 200


def outside_topology(
    account: str, *, may: Sequence[str], listen: Sequence[str], over_http: bool = False, hooks: bool = False
) -> Topology:
    """Return an outside account, its queue and the queue's bindings.

    ``may`` contains routing keys in which ``*`` stands for anything after the owner, ``listen`` AMQP's topic patterns.
    The account may publish the messages of the catalogue that match, each on its own exchange, and no others.
    ``over_http`` gives access to the broker's management interface, with the same rights as over AMQP. ``hooks`` adds
    a queue for the account's own dead letters. Raise OperatorError if a name or pattern is invalid.
    """
    _check(account, may, listen)
    queue = outside_queue(account)
    tags = [HTTP] if over_http else []
    dead = [dead_queue(queue)] if hooks else []
    return Topology(
        queues=[Queue(name) for name in (queue, *dead)],
        bindings=[
            *(Binding(EVENTS, queue, pattern) for pattern in listen),
            *(Binding(DEAD, name, name) for name in dead),
        ],
        accounts=[_account(account, may, hooks=hooks, tags=tags)],
    )


def renewed_account(account: str, topics: Sequence[str], *, hooks: bool = False) -> Account:
    """Return an existing account with its grants applied to the catalogue of this release.

    ``topics`` are the account's topic permissions; messages that are new in this release are added.
    """
    return _account(account, granted(topics), hooks=hooks)


def _account(account: str, may: Sequence[str], *, hooks: bool, tags: Sequence[str] = ()) -> Account:
    queue = outside_queue(account)
    dead = [dead_queue(queue)] if hooks else []
    topics = _topics(may) | {DEAD: one_of(dead)}
    return Account(name=account, topics=topics, reads=[queue, *dead, REPLIES], tags=tags)


def granted(topics: Sequence[str]) -> list[str]:
    """Return the ``may`` patterns from which topic permissions were made, each once."""
    found = [pattern for keys in topics for pattern in _patterns(keys)]
    return list(dict.fromkeys(found))


def _patterns(keys: str) -> list[str]:
    if noted := _NOTE.match(keys):
        return noted[1].split()
    return [] if keys == NOTHING else _earlier_patterns(keys)


def _earlier_patterns(keys: str) -> list[str]:
    """Read a permission of releases that granted every key of a pattern, known or not."""
    return [part.replace(_ANY, "*").replace("\\", "") for part in keys[2:-2].split("|")]


def _topics(may: Sequence[str]) -> dict[str, str]:
    """Every exchange has an entry: RabbitMQ allows every key if one has none."""
    return {exchange: _keys(exchange, may) for exchange in (COMMANDS, QUERIES, DIRECTORY)}


def _keys(exchange: str, may: Sequence[str]) -> str:
    """Return a regular expression of the keys granted on an exchange; its comment keeps the patterns themselves.

    The broker has no other place for them that is changed, backed up and removed together with the permission. The
    catalogue bounds the length, whatever was granted.
    """
    granted_keys = [
        key
        for key, message in CATALOGUE.items()
        if exchange_of(message) == exchange and any(fnmatchcase(key, pattern) for pattern in may)
    ]
    return one_of(granted_keys, note=" ".join(may))


def _check(account: str, may: Sequence[str], listen: Sequence[str]) -> None:
    if not _NAME.fullmatch(account) or account.startswith("practio"):
        raise OperatorError(
            f"{account!r} is not a valid name for an outside account: "
            "use lower-case letters, digits and hyphens, and do not begin with practio."
        )
    if len(may) > _MOST_PATTERNS:
        raise OperatorError(f"An account takes at most {_MOST_PATTERNS} grants; grant by patterns: 'membership.*'.")
    for pattern in may:
        if not _MAY.fullmatch(pattern) or not any(fnmatchcase(key, pattern) for key in _publishable()):
            raise OperatorError(f"No command, query or event of people matches {pattern!r}: try 'membership.*'.")
    for pattern in listen:
        if not _LISTEN.fullmatch(pattern):
            raise OperatorError(f"{pattern!r} is not a pattern for events: try 'membership.#', or '#' for all.")


def _publishable() -> list[str]:
    return [key for key, message in CATALOGUE.items() if exchange_of(message) in (COMMANDS, QUERIES, DIRECTORY)]
