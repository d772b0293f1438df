"""The refusal that several commands share."""

from practio_contracts.answers import Refusal
from practio_contracts.notifications import RefusalCode

NOT_THE_SYSTEM = Refusal(code=RefusalCode.NOT_ALLOWED, detail="only the mail system and operators may do this")
