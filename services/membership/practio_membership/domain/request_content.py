"""The content that joining needs, by request or by invitation: answers, guidelines, roles."""

from practio_contracts.answers import Refusal
from practio_contracts.membership import AcceptInvitation, RequestToJoin
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.room import has_role


def content_refusal(context: DecisionContext, command: RequestToJoin | AcceptInvitation) -> Refusal | None:
    """Return what is missing or wrong in the content of a request."""
    room = context.state.room
    answers = command.answers or {}
    asked = {question.key: question.required for question in room.access.questions}
    if missing := [key for key, required in asked.items() if required and not answers.get(key)]:
        return refusals.answers_missing(missing)
    if unknown := [key for key in answers if key not in asked]:
        return refusals.unknown_question(unknown)
    if room.guidelines and command.accepted_guidelines != room.guidelines.version:
        return refusals.guidelines_not_accepted(room.guidelines.version)
    if strange := [name for name in command.roles or () if not has_role(room, name)]:
        return refusals.role_unknown(strange, room)
    return None
