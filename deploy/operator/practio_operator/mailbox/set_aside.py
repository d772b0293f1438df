"""Mails of which something was refused for now: looked at again after an hour, and filed away after a day."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

AGAIN_AFTER = timedelta(hours=1)
"""How long such a mail is left alone: the account may get the grant that it does not have, or the room become known."""

FILED_AFTER = timedelta(days=1)
"""How long after the first refusal a mail is filed away, if only answers in it were refused: nobody waits for them."""


@dataclass(frozen=True, slots=True)
class _Refused:
    first_at: datetime
    last_at: datetime


@dataclass(slots=True)
class MailsSetAside:
    """The mails set aside while a mailbox is watched, by their names; each refusal is printed once."""

    mails: dict[str, _Refused] = field(default_factory=dict)

    def keep(self, present: Collection[str]) -> None:
        """Forget the mails that are no longer there."""
        self.mails = {name: refused for name, refused in self.mails.items() if name in present}

    def rests(self, name: str, now: datetime) -> bool:
        """Return whether a mail is left alone for now."""
        refused = self.mails.get(name)
        return refused is not None and now < refused.last_at + AGAIN_AFTER

    def add(self, name: str, now: datetime) -> bool:
        """Set a refused mail aside, for the first time or again; return whether it is the first time."""
        before = self.mails.get(name)
        self.mails[name] = _Refused(before.first_at if before else now, now)
        return before is None

    def is_filed(self, name: str, now: datetime) -> bool:
        """Return whether a refused mail was tried for long enough."""
        refused = self.mails.get(name)
        return refused is not None and now >= refused.first_at + FILED_AFTER
