"""The addresses to which answers go: RabbitMQ's direct reply-to, and no other. Pure.

``reply_to`` is a stranger's text. RabbitMQ 3.10 decodes the process id in it without care: one that is no process id
ends the connection that publishes to it, with every answer that is on its way there. So its form is checked first.
"""

import binascii
from base64 import b64decode

PREFIX = "amq.rabbitmq.reply-to."

_MAX_LENGTH = 255
"""The bytes of a routing key."""

_VERSION = 131
_PID, _NEW_PID = 103, 88
_CREATION_BYTES = {_PID: 1, _NEW_PID: 4}
_ATOM_LENGTH_BYTES = {100: 2, 118: 2, 115: 1, 119: 1}
"""Tags of Erlang's external term format: https://www.erlang.org/doc/apps/erts/erl_ext_dist."""


def is_reply_address(reply_to: str | None) -> bool:
    """Return whether an answer may be published to ``reply_to``: it has the form that RabbitMQ gives a requester."""
    if reply_to is None or not reply_to.startswith(PREFIX) or len(reply_to.encode()) > _MAX_LENGTH:
        return False
    process, dot, key = reply_to.removeprefix(PREFIX).partition(".")
    return bool(dot) and _is_process_id(_decoded(process)) and bool(_decoded(key))


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_process_id(term: bytes) -> bool:
    """Return whether ``term`` is one Erlang process id: its node's name, id, serial and creation, and no more."""
    if len(term) < 4 or term[0] != _VERSION or term[1] not in _CREATION_BYTES or term[2] not in _ATOM_LENGTH_BYTES:
        return False
    name_begins = 3 + _ATOM_LENGTH_BYTES[term[2]]
    name_ends = name_begins + int.from_bytes(term[3:name_begins])
    try:
        name = term[name_begins:name_ends].decode()
    except UnicodeDecodeError:
        return False
    return "@" in name and len(term) == name_ends + 4 + 4 + _CREATION_BYTES[term[1]]
