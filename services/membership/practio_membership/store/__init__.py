"""Reading and writing the tables; all SQL of commands and events is here."""

from practio_membership.store.loading import Loaded, load

__all__ = ["Loaded", "load"]
