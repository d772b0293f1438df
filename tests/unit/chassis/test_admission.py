"""The admission check: which messages are accepted, and how others are answered."""

import json
import uuid
from typing import Any

from tests.support.every_case import every_case

from practio_chassis.broker.amqp_decoding import UNREADABLE_HEADERS
from practio_chassis.context import InvalidRequest, ReceivedMessage
from practio_chassis.inbound.admission import OPERATOR, Admission, Delivery, Rejected, admit, origin_of
from practio_contracts.membership import LapseOffer, RequestToJoin, Withdraw
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Room, RoomClosed

SUBSCRIPTIONS: frozenset[type[Message]] = frozenset({RequestToJoin, LapseOffer, PersonErased, RoomClosed})
PERSON = str(uuid.uuid4())


def a_command(**fields: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "urn:intranet",
        "type": "practio.membership.request-to-join.v1",
        "time": "2026-03-01T18:00:00Z",
        "actor": PERSON,
        "data": {"room_id": str(uuid.uuid4()), "person_id": PERSON},
    } | fields


def a_delivery(message: dict[str, Any], **fields: Any) -> Delivery:
    delivered: dict[str, Any] = {
        "body": json.dumps(message).encode(),
        "exchange": "practio.commands",
        "routing_key": message["type"].removeprefix("practio."),
        "account": "intranet",
        "headers": {},
    }
    return Delivery(**(delivered | fields))


def admitted(delivery: Delivery) -> Admission:
    return admit(delivery, origin_of(delivery, service="membership"), service="membership", subscriptions=SUBSCRIPTIONS)


def a_closing(source: str = "/practio/rooms") -> dict[str, Any]:
    room = Room(room_id=uuid.uuid4(), version=2, status="closed", title="Heads", host_id=uuid.uuid4())
    data = RoomClosed(room=room).model_dump(mode="json")
    return a_command(type=RoomClosed.type_name(), source=source, subject=str(room.room_id), sequence="2", data=data)


def test_a_command_of_an_identified_account_is_accepted() -> None:
    received = admitted(a_delivery(a_command()))
    assert isinstance(received, ReceivedMessage)
    assert (received.account, received.by) == ("intranet", PERSON)


def test_a_command_without_user_id_is_refused_as_unidentified() -> None:
    refused = admitted(a_delivery(a_command(), account=None))
    assert isinstance(refused, InvalidRequest)
    assert refused.refusal.code == "unidentified"


def test_the_number_of_an_event_alone_has_to_be_believed() -> None:
    of_command = admitted(a_delivery(a_command(sequence="9" * 18)))
    assert isinstance(of_command, ReceivedMessage), "it means nothing there"
    too_long = admitted(a_delivery(a_command(sequence="9" * 19)))
    assert isinstance(too_long, InvalidRequest)
    assert [error.field for error in too_long.refusal.errors] == ["sequence"]
    closing = a_closing() | {"sequence": "9" * 17}
    of_event = admitted(a_delivery(closing, exchange="practio.internal", account="practio-rooms"))
    assert isinstance(of_event, Rejected)
    assert (of_event.reason, of_event.refusal) == ("invalid", None)


def test_an_invalid_command_is_refused_with_its_errors() -> None:
    refused = admitted(a_delivery(a_command(data={"room_id": "x", "colour": "red"})))
    assert isinstance(refused, InvalidRequest)
    assert refused.refusal.code == "invalid"
    assert refused.refusal.detail == "the message violates the contract: see errors"
    assert {error.field for error in refused.refusal.errors} == {"room_id", "person_id", "colour"}


def test_an_unidentified_and_invalid_command_is_refused_as_unidentified() -> None:
    refused = admitted(a_delivery(a_command(data={}), account=None))
    assert isinstance(refused, InvalidRequest)
    assert refused.refusal.code == "unidentified"


def test_a_message_with_unreadable_headers_is_rejected_with_an_answer() -> None:
    rejected = admitted(a_delivery(a_command(), headers={UNREADABLE_HEADERS: True}))
    assert isinstance(rejected, Rejected)
    assert rejected.refusal is not None
    assert (rejected.reason, rejected.refusal.code) == ("unreadable", "unreadable")


@every_case(
    "body", [b"", b"[]", b"{", b"\xff\xfe", b'{"type": NaN}', b'"text"', b'{"type": "practio.none.v1"}', b" " * 300_000]
)
def test_an_unreadable_message_is_rejected_with_an_answer(body: bytes) -> None:
    rejected = admitted(a_delivery(a_command(), body=body))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "unreadable"
    assert rejected.refusal is not None
    assert rejected.refusal.code == "unreadable"


@every_case("header", ["CC", "BCC", "cc"])
def test_a_copied_message_is_rejected_without_an_answer(header: str) -> None:
    for routing_key in ("membership.request-to-join.v1", "membership.withdraw.v1"):
        rejected = admitted(a_delivery(a_command(), headers={header: ["x"]}, routing_key=routing_key))
        assert isinstance(rejected, Rejected)
        assert rejected.refusal is None


def test_a_message_from_the_wrong_exchange_is_rejected_without_an_answer() -> None:
    for exchange in ("practio.events", "practio.directory", "", "my.own"):
        rejected = admitted(a_delivery(a_command(), exchange=exchange))
        assert isinstance(rejected, Rejected), exchange
        assert rejected.refusal is None


def test_a_message_for_another_queue_is_rejected() -> None:
    rejected = admitted(a_delivery(a_command(type=Withdraw.type_name())))
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.detail) == ("misplaced", "messages of this type do not belong on this queue")


def test_a_service_is_accepted_only_with_its_own_account_and_source() -> None:
    def closing(account: str, source: str = "/practio/rooms") -> Admission:
        return admitted(a_delivery(a_closing(source), exchange="practio.internal", account=account))

    assert isinstance(closing("practio-rooms"), ReceivedMessage)
    assert isinstance(closing("intranet"), Rejected)
    assert isinstance(closing("practio-membership"), Rejected)
    assert isinstance(closing("practio-rooms", "/practio/membership"), Rejected)
    assert isinstance(closing("practio-rooms", "urn:elsewhere"), Rejected)


def test_the_source_of_pages_is_accepted_only_from_the_account_of_pages() -> None:
    def registration(account: str, source: str = "/practio/pages") -> Admission:
        data = {"person_id": PERSON}
        event = a_command(type=PersonErased.type_name(), source=source, subject=PERSON, sequence="1", data=data)
        return admitted(a_delivery(event, exchange="practio.directory", account=account))

    assert isinstance(registration("pages"), ReceivedMessage)
    assert isinstance(registration("intranet"), Rejected)
    assert isinstance(registration("practio-rooms"), Rejected)
    assert isinstance(registration("pages", "/practio/rooms"), Rejected)


def test_a_forged_source_is_rejected_even_in_an_invalid_command() -> None:
    unreadable: dict[str, Any] = {}
    for data in (a_command()["data"], unreadable):
        rejected = admitted(a_delivery(a_command(source="/practio/membership", data=data)))
        assert isinstance(rejected, Rejected)
        assert rejected.refusal is None


def test_internal_commands_are_accepted_only_from_the_service_itself() -> None:
    data = {name: str(uuid.uuid4()) for name in ("room_id", "person_id", "membership_id")}
    lapse = a_command(type=LapseOffer.type_name(), source="/practio/membership", actor="system", data=data)
    ours = a_delivery(lapse, exchange="practio.internal", account="practio-membership")
    assert isinstance(admitted(ours), ReceivedMessage)
    for account in ("intranet", "practio-rooms", None):
        theirs = a_delivery(lapse, exchange="practio.internal", account=account)
        assert isinstance(admitted(theirs), Rejected)


def test_an_event_without_account_or_with_faults_is_rejected() -> None:
    erased = a_command(type=PersonErased.type_name(), subject=PERSON, sequence="1", data={"person_id": PERSON})
    fine = a_delivery(erased, exchange="practio.directory")
    assert isinstance(admitted(fine), ReceivedMessage)
    unsigned = admitted(a_delivery(erased, exchange="practio.directory", account=None))
    assert isinstance(unsigned, Rejected)
    assert unsigned.reason == "unidentified"
    invalid = admitted(a_delivery(erased | {"data": {"person_id": "Ada"}}, exchange="practio.directory"))
    assert isinstance(invalid, Rejected)
    assert (invalid.reason, invalid.detail) == ("invalid", "the event violates the contract in person_id")


RETRY_HEADERS = {
    "practio-account": "intranet",
    "practio-exchange": "practio.commands",
    "practio-routing-key": "membership.request-to-join.v1",
    "practio-attempt": 2,
}


@every_case("account", ["practio-membership", OPERATOR])
def test_a_retried_message_keeps_its_first_account(account: str) -> None:
    returned = a_delivery(
        a_command(), exchange="", routing_key="membership.commands", account=account, headers=RETRY_HEADERS
    )
    assert origin_of(returned, service="membership").attempt == 2
    received = admitted(returned)
    assert isinstance(received, ReceivedMessage)
    assert received.account == "intranet"


def test_retry_headers_are_ignored_from_other_accounts() -> None:
    forged = RETRY_HEADERS | {"practio-account": "practio-membership"}
    for account, exchange in (("intranet", ""), ("practio-rooms", ""), ("practio-membership", "practio.commands")):
        returned = a_delivery(a_command(), exchange=exchange, account=account, headers=forged)
        assert origin_of(returned, service="membership").account == account
