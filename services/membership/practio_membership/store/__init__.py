"""What membership reads and writes in its tables; all queries of its commands and events are here."""

from practio_membership.store.loaded import Loaded
from practio_membership.store.loading import load

__all__ = ["Loaded", "load"]
