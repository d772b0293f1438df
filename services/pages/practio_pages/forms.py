"""Signed forms: each carries one command of one person and takes effect once, however often it is sent.

There is no cookie and no session. A form is valid because its page was made here for the holder of the link. It is
bound to that person, room and command, so no other site can have it sent. Its ``id`` becomes the message's id.

A form that was open for too long sends nothing: its page comes back with its content in a new form, which has an id of
its own. Under the old id, services would answer a form that took effect long ago as they did then, and do nothing,
whatever has changed since. Nothing is done twice all the same: the page that comes back shows the present state and
offers only what is possible now, and the services check it again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from itsdangerous import BadSignature, URLSafeTimedSerializer
from uuid_utils.compat import uuid7

FIELD = "form"
LIFETIME = timedelta(hours=24)


class FormError(Exception):
    """A form that is not valid: not made here, for another person, room or page, or too old."""


class OldFormError(FormError):
    """A form of this person, room and page that was open for too long."""


@dataclass(frozen=True, slots=True)
class SignedCommand:
    """The command behind a button: its routing key, person and room, and the message's ``id``."""

    person_id: UUID
    command: str
    room_id: UUID | None
    id: UUID

    def id_with(self, content: str) -> UUID:
        """Return the message's id for the content of the form.

        The same form with the same content counts once. With other content, after the browser's back button, it is
        another command.
        """
        return uuid5(self.id, content)


class Forms:
    """Signs commands into forms and reads them back; the newest of the ``keys`` comes first."""

    def __init__(self, keys: Sequence[str], lifetime: timedelta = LIFETIME) -> None:
        self._lifetime = lifetime
        self._signer = URLSafeTimedSerializer(list(reversed(keys)), salt="practio.form")

    def sign(self, command: str, *, person_id: UUID, room_id: UUID | None = None) -> str:
        """Return the value of the hidden field of a new form."""
        content = [person_id.hex, command, room_id.hex if room_id else None, uuid7().hex]
        signed: str = self._signer.dumps(content)
        return signed

    def read(
        self, fields: Mapping[str, object], commands: Collection[str], *, person_id: UUID, room_id: UUID | None = None
    ) -> SignedCommand:
        """Return the signed command of a form, one of ``commands``.

        Raise FormError if the form was not made here, or belongs to another page, person or room; raise OldFormError if
        it belongs here and is too old.
        """
        try:
            content, signed_at = self._signer.loads(str(fields.get(FIELD, "")), return_timestamp=True)
        except BadSignature as error:
            raise FormError("the form was not made here") from error
        person, command, room, identity = content
        signed = SignedCommand(UUID(person), command, UUID(room) if room else None, UUID(identity))
        if command not in commands or (signed.person_id, signed.room_id) != (person_id, room_id):
            raise FormError("the form is for another page, person or room")
        if datetime.now(UTC) - signed_at > self._lifetime:
            raise OldFormError("the form is too old")
        return signed
