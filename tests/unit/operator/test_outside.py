"""What an outside account is granted, from the patterns that an operator writes."""

import re

import pytest

from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, EVENTS, QUERIES
from practio_operator.errors import OperatorError
from practio_operator.outside import granted, outside_topology


def topics(*may: str) -> dict[str, str]:
    (account,) = outside_topology("intranet", may=may, listen=[]).accounts
    return dict(account.topics)


def test_a_star_stands_for_every_message_of_its_owner_and_of_nobody_else() -> None:
    may = topics("membership.*")[COMMANDS]
    for key, message in CATALOGUE.items():
        assert bool(re.search(may, key)) == (message.owner() == "membership")
    assert re.search(may, "membership.no-such-thing.v1")


@pytest.mark.parametrize(
    "key", ["membershipx.withdraw.v1", "rooms.membership.withdraw.v1", "membership", "a\nmembership.x"]
)
def test_what_only_resembles_a_grant_is_none(key: str) -> None:
    assert not re.search(topics("membership.*")[COMMANDS], key)


def test_one_message_may_be_granted_by_its_key() -> None:
    may = topics("membership.request-to-join.v1")[COMMANDS]
    assert re.search(may, "membership.request-to-join.v1")
    assert not re.search(may, "membership.request-to-join.v11")
    assert not re.search(may, "membership.withdraw.v1")


def test_grants_of_services_are_none_on_the_directory_and_the_other_way_round() -> None:
    both = topics("rooms.*", "people.*")
    assert not re.search(both[DIRECTORY], "rooms.create-room.v1")
    assert not re.search(both[COMMANDS], "people.person-erased.v1")
    assert both[QUERIES] == both[COMMANDS]


def test_an_account_writes_only_to_exchanges_on_which_it_was_granted_something() -> None:
    (directory,) = outside_topology("directory", may=["people.*"], listen=[]).accounts
    assert [
        name for name in (COMMANDS, QUERIES, DIRECTORY, EVENTS, "amq.default") if re.search(directory.write, name)
    ] == [DIRECTORY]
    (reader,) = outside_topology("reader", may=[], listen=["#"]).accounts
    assert reader.write == "^$"


def test_every_exchange_has_an_entry_since_one_without_lets_every_key_through() -> None:
    assert set(topics()) == {COMMANDS, QUERIES, DIRECTORY}


def test_grants_are_told_as_they_were_written() -> None:
    may = ["membership.*", "rooms.get-*.v1", "people.person-erased.v1"]
    assert granted(list(topics(*may).values())) == may


@pytest.mark.parametrize(
    "pattern",
    ["*", "membership", "memership.*", "membership.(.*)", "membership.joined.v1", "rooms.*|x", "membership.#", ""],
)
def test_a_grant_of_nothing_that_can_be_said_is_refused(pattern: str) -> None:
    with pytest.raises(OperatorError, match="membership"):
        outside_topology("intranet", may=[pattern], listen=[])


@pytest.mark.parametrize("pattern", ["", "membership..joined", "Membership.#", "membership.jo*"])
def test_a_pattern_of_events_that_fits_none_is_refused(pattern: str) -> None:
    with pytest.raises(OperatorError, match="pattern"):
        outside_topology("intranet", may=[], listen=[pattern])


@pytest.mark.parametrize("name", ["practio-rooms", "practio", "Intranet", "in.tranet", "", "-x", "a" * 61])
def test_a_name_that_is_ours_or_would_not_fit_a_queue_is_refused(name: str) -> None:
    with pytest.raises(OperatorError, match="outside account"):
        outside_topology(name, may=[], listen=[])
