"""What a form carries: one move, of one person, signed; pressed twice, it has the effect of once.

No cookie and no session: a form is good because its page was made here, for whoever had the link, and it is bound to
that person, room and move (so no other site can have it sent). Its ``id`` becomes the message's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from uuid_utils.compat import uuid7

FIELD = "form"
LIFETIME = timedelta(hours=24)


class FormError(Exception):
    """A form that is not good: not made here, for somebody or something else, or too old."""


class OldFormError(FormError):
    """A form that lay open for too long."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a button does: a command (routing key) of a person about a room; ``id`` is the message's."""

    person_id: UUID
    command: str
    room_id: UUID | None
    id: UUID

    def id_with(self, typed: str) -> UUID:
        """Give the message's id for what was typed into the form.

        Sent again as it was it counts once; sent again with other words (by the browser's way back) it is another wish.
        """
        return uuid5(self.id, typed)


class Forms:
    """Signs moves into forms and reads them back; ``keys`` the newest first."""

    def __init__(self, keys: Sequence[str], lifetime: timedelta = LIFETIME) -> None:
        self._lifetime = lifetime
        self._signer = URLSafeTimedSerializer(list(reversed(keys)), salt="practio.form")

    def written(self, command: str, *, person_id: UUID, room_id: UUID | None = None) -> str:
        """Give the hidden field of a new form."""
        told = [person_id.hex, command, room_id.hex if room_id else None, uuid7().hex]
        signed: str = self._signer.dumps(told)
        return signed

    def read(self, fields: Mapping[str, object], *, person_id: UUID, room_id: UUID | None = None) -> Move:
        """Give the move of a form that came back; raises OldFormError, or FormError where it is not this person's."""
        try:
            person, command, room, identity = self._signer.loads(
                str(fields.get(FIELD, "")), max_age=int(self._lifetime.total_seconds())
            )
        except SignatureExpired as error:
            raise OldFormError("the form is too old") from error
        except BadSignature as error:
            raise FormError("the form was not made here") from error
        move = Move(UUID(person), command, UUID(room) if room else None, UUID(identity))
        if (move.person_id, move.room_id) != (person_id, room_id):
            raise FormError("the form is for somebody or something else")
        return move
