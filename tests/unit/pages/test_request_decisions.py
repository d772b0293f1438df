"""The host's decisions: fields become decisions in the order of the page, or faults; others are left alone."""

from typing import Any
from uuid import UUID

from tests.support.every_case import every_case

from practio_contracts.membership import Decided
from practio_pages.pages.request_decisions import (
    LONGEST_REASON,
    MOST,
    DecisionFault,
    fingerprint_of,
    read_decisions,
    remaining_fields,
)

ADA, BEN, CLEO = UUID(int=2), UUID(int=3), UUID(int=4)


def chosen(**choices: str) -> dict[str, str]:
    people = {"ada": ADA, "ben": BEN, "cleo": CLEO}
    return {f"decide-{people[name]}": choice for name, choice in choices.items()}


def approved(person_id: UUID, note: str | None = None) -> Decided:
    return Decided(person_id=person_id, approve=True, reason=note)


def declined(person_id: UUID, reason: str | None = None) -> Decided:
    return Decided(person_id=person_id, approve=False, reason=reason)


def test_chosen_people_are_decided_on_in_the_order_of_the_page_and_others_are_not() -> None:
    fields = chosen(cleo="decline", ada="", ben="approve")
    assert read_decisions(fields) == (declined(CLEO), approved(BEN))


def test_the_reason_applies_to_declined_people_and_a_persons_own_replaces_it_or_is_a_note() -> None:
    fields = chosen(ada="decline", ben="decline", cleo="approve") | {
        "reason": " The group is\r\nfor team leads. ",
        f"reason-{BEN}": "You lead it already.",
        f"reason-{CLEO}": "Begins in May.",
        f"reason-{ADA}": "  ",
    }
    assert read_decisions(fields) == (
        declined(ADA, "The group is\nfor team leads."),
        declined(BEN, "You lead it already."),
        approved(CLEO, "Begins in May."),
    )


def test_the_button_of_one_person_decides_only_on_that_person() -> None:
    fields = chosen(ada="approve", ben="approve") | {"one": f"decline-{CLEO}", f"reason-{CLEO}": "Not now."}
    assert read_decisions(fields) == (declined(CLEO, "Not now."),)


@every_case(
    ("fields", "faults"),
    [
        ({}, {"": DecisionFault.NOTHING_CHOSEN}),
        (chosen(ada="", ben="") | {"reason": "Alas."}, {"": DecisionFault.NOTHING_CHOSEN}),
        ({"decide-nobody": "approve"}, {"": DecisionFault.UNKNOWN_PERSON}),
        ({"one": "approve"}, {"": DecisionFault.UNKNOWN_PERSON}),
        ({"one": f"remove-{ADA}"}, {f"decide-{ADA}": DecisionFault.UNKNOWN_CHOICE}),
        (chosen(ada="approve", ben="maybe"), {f"decide-{BEN}": DecisionFault.UNKNOWN_CHOICE}),
        ({f"decide-{UUID(int=each)}": "approve" for each in range(MOST + 1)}, {"": DecisionFault.TOO_MANY}),
        (chosen(ada="decline") | {"reason": "x" * (LONGEST_REASON + 1)}, {"reason": DecisionFault.UNFIT_REASON}),
        (chosen(ada="decline") | {f"reason-{ADA}": "\x07"}, {f"reason-{ADA}": DecisionFault.UNFIT_REASON}),
    ],
)
def test_an_invalid_decision_is_a_fault_of_its_field_and_nothing_is_decided(
    fields: dict[str, str], faults: dict[str, Any]
) -> None:
    assert read_decisions(fields) == faults


def test_one_form_decides_as_many_requests_as_a_message_holds() -> None:
    decisions = read_decisions({f"decide-{UUID(int=each)}": "approve" for each in range(MOST)})
    assert len(decisions) == MOST


def test_an_unused_reason_is_no_fault() -> None:
    fields = chosen(ada="approve") | {"reason": "x" * (LONGEST_REASON + 1)}
    assert read_decisions(fields) == (approved(ADA),)


def test_a_form_sent_again_is_the_same_message_but_with_other_decisions_another() -> None:
    first, again = [approved(ADA), declined(BEN)], [declined(BEN), approved(ADA)]
    assert fingerprint_of(first) == fingerprint_of(again)
    assert fingerprint_of(first) != fingerprint_of([approved(BEN), declined(ADA)])


def test_a_common_reason_is_cleared_once_used_and_kept_after_a_single_decision() -> None:
    fields = chosen(ada="decline") | {"reason": "Alas."}
    assert remaining_fields(fields) == chosen(ada="decline")
    assert remaining_fields(fields | {"one": f"approve-{BEN}"})["reason"] == "Alas."


@every_case("fields", [chosen(ada="approve"), chosen(ada="decline") | {f"reason-{ADA}": "Not yet."}])
def test_a_common_reason_that_nobody_was_declined_with_is_kept(fields: dict[str, str]) -> None:
    assert remaining_fields(fields | {"reason": "Alas."})["reason"] == "Alas."
