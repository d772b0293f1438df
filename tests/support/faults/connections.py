"""Connections to the broker that an administrator closes."""

from tests.support.stack.running import RunningStack

from practio_operator.provisioning.broker import management


async def close_connections(stack: RunningStack, name: str) -> int:
    """Close every connection that its client calls ``name``; return how many there were."""
    async with management(stack.target) as broker:
        found = [
            each["name"]
            for each in await broker.get("connections")
            if each.get("client_properties", {}).get("connection_name") == name
        ]
        for each in found:
            await broker.delete("connections", each)
    return len(found)
