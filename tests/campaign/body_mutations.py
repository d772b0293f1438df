"""What is changed in the bytes of a fuzzed message."""

import json
import random

from tests.campaign.junk import JUNK


def _bytes_flipped(body: bytes, chance: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(chance.choice((1, 1, 3, 20))):
        if found:
            found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def _cut_off(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _wrapped(body: bytes, chance: random.Random) -> bytes:
    before, after = chance.choice(
        ((b"\xef\xbb\xbf", b""), (b"[", b"]"), (b"", b"\x00"), (b" " * 1_000, b"\n"), (b"", body))
    )
    return before + body + after


def _encoded(body: bytes, chance: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(
        chance.choice(("utf-16", "utf-32", "latin-1", "utf-7", "cp1252")), "replace"
    )


def _key_doubled(body: bytes, chance: random.Random) -> bytes:
    name = chance.choice(("type", "id", "data", "source", "actor"))
    return body[:-1] + f', "{name}": {json.dumps(chance.choice(JUNK))}}}'.encode()


def _garbage(_body: bytes, chance: random.Random) -> bytes:
    return chance.choice(
        (
            b"", b"null", b"NaN", b'{"type": NaN}', b"7", b"[]", b"{}", b'"', b"\x1f\x8b\x08\x00", b"<xml/>", b"1e999",
            b"[" * 5_000, b'{"a":' * 2_000, b"-" * 1_000, b"1" * 6_000, chance.randbytes(chance.randrange(400)),
            b'"' + b"x" * chance.choice((1_000, 255_000, 300_000)) + b'"',
        )
    )  # fmt: skip


BODY_MUTATIONS = (_bytes_flipped, _bytes_flipped, _cut_off, _wrapped, _encoded, _key_doubled, _garbage)
