"""Restores that would do harm, or cannot be done: refused, and nothing is changed."""

import json
import secrets
from pathlib import Path

import pytest
from aio_pika import connect
from tests.support.clients.operator import practio
from tests.support.clients.restoring import backs_up, restores, stopped
from tests.support.stack.running import RunningStack

from practio_chassis.broker.queue_names import outside_queue
from practio_operator.provisioning.accounts import add_publisher, remove_publisher

pytestmark = pytest.mark.thorough


async def test_a_harmful_restore_is_refused(stack: RunningStack, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await backs_up(stack, str(kept))
    await backs_up(stack, str(kept), exits=1)
    await restores(stack, str(kept), "--only", "membership", "--replace", exits=1)  # it works on its schema
    await restores(stack, str(kept), "--only", "people", exits=2)
    async with stopped(stack, "membership"):
        await restores(stack, str(kept), "--only", "membership", exits=1)
        (kept / "membership.dump").write_bytes(b"PGDMP, and nothing behind it")
        await restores(stack, str(kept), "--only", "membership", "--replace", exits=1)
    await practio(stack, "invariants")


async def test_a_backup_has_no_password_and_restores_what_the_broker_is_missing(
    stack: RunningStack, tmp_path: Path
) -> None:
    kept, password = tmp_path / "kept", secrets.token_hex(8)
    await add_publisher(stack.target, "lost", password, may=["rooms.*"], listen=["#"])
    await backs_up(stack, str(kept))
    defined = json.loads((kept / "broker.json").read_text())
    passwords = {password, *(each.broker for each in stack.target.passwords.values())}
    assert not any(password in (kept / "broker.json").read_text() for password in passwords)
    assert {"practio-rooms", "directory"} <= {each["name"] for each in defined["users"]}

    await remove_publisher(stack.target, "lost")
    await restores(stack, str(kept), "--only", "broker")
    async with await connect(stack.target.broker_as("lost", password)) as connection:
        await (await (await connection.channel()).get_queue(outside_queue("lost"), ensure=False)).get(fail=False)
    await remove_publisher(stack.target, "lost")
    await stack.heal()
