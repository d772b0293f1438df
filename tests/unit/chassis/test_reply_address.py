"""Which reply addresses are answered: those that RabbitMQ gives, and nothing that would upset it."""

import base64
import random

from tests.support.every_case import every_case

from practio_chassis.outbound.reply_address import is_reply_address

NODE = b"reply@118234917"
NEW_PROCESS = b"\x83X" + b"w" + bytes([len(NODE)]) + NODE + b"\0\0\x01\x02" + b"\0\0\0\0" + b"\x66\x1f\x8a\x01"
OLD_PROCESS = b"\x83g" + b"d" + b"\0" + bytes([len(NODE)]) + NODE + b"\0\0\x01\x02" + b"\0\0\0\0" + b"\x01"


def address(process: bytes, key: str = "DPUYH8hJbWjcHKfiwR9XYQ==") -> str:
    return f"amq.rabbitmq.reply-to.{base64.b64encode(process).decode()}.{key}"


@every_case("process", [NEW_PROCESS, OLD_PROCESS])
def test_an_address_of_rabbitmq_is_answered(process: bytes) -> None:
    assert is_reply_address(address(process))


@every_case(
    "reply_to",
    [
        None,
        "",
        "amq.rabbitmq.reply-to",
        "amq.rabbitmq.reply-to.",
        "amq.rabbitmq.reply-to.g2FiY2RlZg==.key",
        "rooms.commands",
        address(NEW_PROCESS, key=""),
        address(NEW_PROCESS, key="not base64!"),
        address(NEW_PROCESS) + "\N{SNOWMAN}",
        address(b"\x83" + NEW_PROCESS),
        address(b"\x83m\0\0\0\x01x"),
        address(NEW_PROCESS + b"\0" * 200),
    ],
)
def test_any_other_address_is_no_reply_address(reply_to: str | None) -> None:
    assert not is_reply_address(reply_to)


@every_case("process", [NEW_PROCESS, OLD_PROCESS])
def test_a_process_id_that_is_cut_short_or_goes_on_is_not_answered(process: bytes) -> None:
    assert not any(is_reply_address(address(process[:end])) for end in range(len(process)))
    assert not is_reply_address(address(process + b"\0"))


def test_whatever_it_is_nothing_is_raised() -> None:
    seed = 7
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(2_000):
        mutated = bytearray(NEW_PROCESS)
        for _ in range(chance.randrange(1, 4)):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        is_reply_address(address(bytes(mutated)))
