"""The store in memory, on which the unit tests and the machine rest, behaves as handlers may expect of a store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from tests.unit.membership.builders import NOW
from tests.unit.membership.memory import Memory
from tests.unit.membership.store_contract import StoreContract

from practio_contracts.message import Message


@dataclass
class MemoryStore:
    """Batches of a memory; it needs nobody to say what they concern."""

    memory: Memory = field(default_factory=Memory)

    @asynccontextmanager
    async def batch(self, *_messages: Message, now: datetime = NOW) -> AsyncIterator[Any]:
        self.memory.now = now
        self.memory.begin()
        yield self.memory


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
