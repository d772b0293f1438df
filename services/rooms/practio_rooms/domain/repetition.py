"""Which command made a thing: its fingerprint shows whether another command with the same id is that command again."""

from hashlib import sha256

from pydantic import BaseModel


def fingerprint_of(command: BaseModel, by: str = "") -> str:
    """Return the fingerprint of a command, and of its actor if ``by`` names one: 64 hexadecimal digits.

    Nulls are left out, so that fields added to the contract do not change it.
    """
    return sha256(f"{by}{command.model_dump_json(exclude_none=True)}".encode()).hexdigest()
