"""The rooms that a batch of messages concerns: locked, loaded and written."""

from practio_rooms.store.apply import conclude
from practio_rooms.store.loaded import Loaded
from practio_rooms.store.loading import load

__all__ = ["Loaded", "conclude", "load"]
