"""Envelopes and outbox rows of events, answers and refusals. Pure, except for new ids."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, InvalidRequest, OutgoingMessage, ReceivedMessage
from practio_contracts.answers import Answer, Refusal
from practio_contracts.catalogue import CATALOGUE, source_of
from practio_contracts.envelope import SYSTEM, Envelope, OutgoingEnvelope, write
from practio_contracts.message import Event, InternalCommand, Message, Query, private_paths


class OutboxRow(TypedDict):
    """One row of the outbox; ``internal`` and ``public`` are the bodies for either exchange."""

    message_id: str
    routing_key: str
    subject: str
    internal: bytes | None
    public: bytes | None


def outbox_row(
    outgoing: OutgoingMessage,
    *,
    service: str,
    now: datetime,
    cause: ReceivedMessage[Message] | None,
    traceparent: str | None = None,
    sequence_offset: int = 0,
) -> OutboxRow:
    """Return the row of a message: with two bodies if it has private fields, with one if it is for services alone."""
    envelope = _envelope(
        outgoing.message,
        service=service,
        now=now,
        subject=outgoing.subject,
        sequence=None if outgoing.sequence is None else str(sequence_offset + outgoing.sequence),
        actor=None if outgoing.without_actor else _actor(outgoing, cause),
        correlationid=outgoing.correlationid or (_correlation(cause.envelope) if cause else None),
        causationid=outgoing.causationid or (str(cause.envelope.id) if cause else None),
        traceparent=traceparent,
    )
    is_for_services = isinstance(outgoing.message, InternalCommand) or outgoing.message.discreet
    internal_only = outgoing.internal_only or is_for_services
    internal = internal_only or bool(private_paths(type(outgoing.message)))
    return OutboxRow(
        message_id=str(envelope.id),
        routing_key=envelope.routing_key,
        subject=outgoing.subject,
        internal=write(envelope) if internal else None,
        public=None if internal_only else write(envelope, public=True),
    )


def _actor(outgoing: OutgoingMessage, cause: ReceivedMessage[Message] | None) -> UUID | str | None:
    return SYSTEM if isinstance(outgoing.message, InternalCommand) or cause is None else cause.actor


def accepted(received: ReceivedMessage[Message], done: Done, *, service: str, now: datetime) -> OutgoingEnvelope:
    """Return the answer to an accepted command."""
    answer = CATALOGUE[f"{service}.command-accepted.v1"].model_construct(
        command_id=str(received.envelope.id),
        command_type=received.envelope.type,
        changed=done.changed,
        state=done.state,
    )
    return _answer_to(received.envelope, answer, service=service, now=now)


def refused(received: ReceivedMessage[Message], refusal: Refusal, *, service: str, now: datetime) -> OutgoingEnvelope:
    """Return the answer to a refused command."""
    answer = _refusal(refusal, str(received.envelope.id), received.envelope.type, service)
    return _answer_to(received.envelope, answer, service=service, now=now)


def invalid_request_refused(request: InvalidRequest, *, service: str, now: datetime) -> OutgoingEnvelope:
    """Return the answer to an invalid command or query, from the readable part of its envelope."""
    identity = _text(request.attributes.get("id"))
    message = (
        Answer(
            query_id=identity,
            query_type=request.message.type_name(),
            code=request.refusal.code,
            detail=request.refusal.detail,
            errors=list(request.refusal.errors),
        )
        if issubclass(request.message, Query)
        else _refusal(request.refusal, identity, request.message.type_name(), service)
    )
    return _envelope(
        CATALOGUE[f"{service}.answer.v1"].model_validate(message.model_dump())
        if isinstance(message, Answer)
        else message,
        service=service,
        now=now,
        subject=_room(request.attributes) or identity or str(uuid7()),
        correlationid=_text(request.attributes.get("correlationid")) or identity,
        causationid=identity,
    )


def unreadable(refusal: Refusal, *, service: str, now: datetime, is_query: bool, key: str | None) -> OutgoingEnvelope:
    """Return the answer to a message that could not be read at all.

    ``is_query``: it arrived on the queue of queries.
    """
    type_name = f"practio.{key}" if key else None
    if is_query:
        message: Message = CATALOGUE[f"{service}.answer.v1"].model_validate(
            {"query_id": None, "query_type": type_name, "code": refusal.code, "detail": refusal.detail}
        )
    else:
        message = _refusal(refusal, None, type_name, service)
    return _envelope(message, service=service, now=now)


def answered(received: ReceivedMessage[Message], result: Any, *, service: str, now: datetime) -> OutgoingEnvelope:
    """Return the answer to a query: a result or a refusal."""
    content: dict[str, Any] = {"query_id": str(received.envelope.id), "query_type": received.envelope.type}
    if isinstance(result, Refusal):
        content |= {"code": result.code, "detail": result.detail, "errors": list(result.errors)}
    else:
        content |= {"result": result}
    answer = CATALOGUE[f"{service}.answer.v1"].model_construct(**content)
    return _answer_to(received.envelope, answer, service=service, now=now)


def refusal_row(envelope: OutgoingEnvelope) -> OutboxRow:
    """Return the outbox row that publishes a refusal, for publishers that do not wait for answers."""
    return OutboxRow(
        message_id=str(envelope.id),
        routing_key=envelope.routing_key,
        subject=envelope.subject or str(envelope.id),
        internal=None,
        public=write(envelope, public=True),
    )


def _refusal(refusal: Refusal, command_id: str | None, command_type: str | None, service: str) -> Message:
    return CATALOGUE[f"{service}.command-refused.v1"].model_validate(
        {
            "command_id": command_id,
            "command_type": command_type,
            "code": refusal.code,
            "detail": refusal.detail,
            "next_step": refusal.next_step,
            "retry_after": refusal.retry_after,
            "errors": list(refusal.errors),
        }
    )


def _answer_to(asked: Envelope, answer: Message, *, service: str, now: datetime) -> OutgoingEnvelope:
    about = getattr(asked.data, "room_id", None)
    return _envelope(
        answer,
        service=service,
        now=now,
        subject=str(about or asked.id),
        correlationid=_correlation(asked),
        causationid=str(asked.id),
        traceparent=asked.traceparent,
    )


def _envelope(message: Message, *, service: str, now: datetime, **more: Any) -> OutgoingEnvelope:
    """Wrap a message of ours, which needs no validation; a message without a cause is its own cause."""
    identity = uuid7()
    if isinstance(message, Event):
        more["correlationid"] = more.get("correlationid") or str(identity)
        more["causationid"] = more.get("causationid") or str(identity)
    return OutgoingEnvelope(
        id=identity,
        source=source_of(service),
        type=message.type_name(),
        time=now,
        data=message,
        **more,
    )


def _correlation(envelope: Envelope) -> str:
    return envelope.correlationid or str(envelope.id)


def _text(value: object) -> str | None:
    """Return the text that a stranger wrote as an id, if it has an id's length."""
    return value if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() else None


def _room(attributes: Mapping[str, Any]) -> str | None:
    data = attributes.get("data")
    return _text(data.get("room_id")) if isinstance(data, dict) else None
