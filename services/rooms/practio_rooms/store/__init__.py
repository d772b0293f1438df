"""The rooms that a batch of messages concerns: locked, loaded and saved."""

from practio_rooms.store.finishing import finish_batch
from practio_rooms.store.loading import Loaded, load

__all__ = ["Loaded", "finish_batch", "load"]
