"""A service whose process ends, as by a fault of a library in C, when it handles one certain message.

``python -m tests.support.faults.dying practio_membership MESSAGE`` serves like ``python -m practio_membership serve``.
"""

import os
import runpy
import sys
from collections.abc import Sequence

from practio_chassis.context import Admitted, ReceivedMessage
from practio_chassis.handling.transaction import Transaction

EXIT_CODE = 139
"""What a shell says of a process that a segmentation fault has ended."""


def die_of(message_id: str) -> None:
    """Let this process end at once when a transaction is to handle the message."""
    handle = Transaction.handle

    async def dying(self: Transaction, batch: Sequence[Admitted], *, alone: bool = False) -> list[bytes | None]:
        if any(isinstance(each, ReceivedMessage) and str(each.envelope.id) == message_id for each in batch):
            os._exit(EXIT_CODE)
        return await handle(self, batch, alone=alone)

    Transaction.handle = dying  # type: ignore[method-assign]


if __name__ == "__main__":
    module, identity = sys.argv[1:]
    die_of(identity)
    sys.argv = [module, "serve"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
