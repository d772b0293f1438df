"""An address with the name of its owner, as headers and calendar entries have it (RFC 5322, 3.4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailAddress:
    """A name, which may be empty, and an address that was checked (``practio_contracts.recipients``)."""

    display_name: str
    addr_spec: str

    @property
    def domain(self) -> str:
        """Return the part after the ``@``."""
        return self.addr_spec.rpartition("@")[2]
