"""The grants of an outside account, from the patterns that an operator writes."""

import re

import pytest
from tests.support.every_case import every_case

from practio_chassis.broker.objects import allows_nothing
from practio_contracts.catalogue import CATALOGUE, COMMANDS, DEAD, DIRECTORY, EVENTS, QUERIES, exchange_of
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.grants import granted, outside_topology, renewed_account


def topics(*may: str) -> dict[str, str]:
    (account,) = outside_topology("intranet", may=may, listen=[]).accounts
    return dict(account.topics)


@every_case("exchange", [COMMANDS, QUERIES, DIRECTORY])
def test_a_star_stands_for_every_message_that_its_owner_receives_on_an_exchange_and_no_other(exchange: str) -> None:
    may = topics("membership.*")[exchange]
    for key, message in CATALOGUE.items():
        granted_here = message.owner() == "membership" and exchange_of(message) == exchange
        assert bool(re.search(may, key)) == granted_here
    assert not re.search(may, "membership.no-such-thing.v1")


@every_case("key", ["membershipx.withdraw.v1", "rooms.membership.withdraw.v1", "membership", "a\nmembership.x"])
def test_a_key_that_only_resembles_a_grant_is_not_granted(key: str) -> None:
    assert not re.search(topics("membership.*")[COMMANDS], key)


def test_one_message_may_be_granted_by_its_key() -> None:
    may = topics("membership.request-to-join.v1")[COMMANDS]
    assert re.search(may, "membership.request-to-join.v1")
    assert not re.search(may, "membership.request-to-join.v11")
    assert not re.search(may, "membership.withdraw.v1")


def test_every_grant_stands_on_the_exchange_that_carries_it_and_no_other() -> None:
    both = topics("rooms.*", "people.*")
    for key, message in CATALOGUE.items():
        where = [exchange for exchange, keys in both.items() if re.search(keys, key)]
        wanted = message.owner() in ("rooms", "people") and exchange_of(message) in both
        assert where == ([exchange_of(message)] if wanted else [])


def test_an_account_may_write_only_to_exchanges_of_its_grants() -> None:
    (directory,) = outside_topology("directory", may=["people.*"], listen=[]).accounts
    assert [
        name for name in (COMMANDS, QUERIES, DIRECTORY, EVENTS, "amq.default") if re.search(directory.write, name)
    ] == [DIRECTORY]
    (reader,) = outside_topology("reader", may=[], listen=["#"]).accounts
    assert reader.write == "^$"


def test_every_exchange_has_a_topic_permission_since_the_default_allows_every_key() -> None:
    assert set(topics()) == {COMMANDS, QUERIES, DIRECTORY, DEAD}
    assert allows_nothing(topics("rooms.*")[DEAD])


def test_an_account_with_hooks_may_write_and_read_its_own_dead_letters_and_no_others() -> None:
    topology = outside_topology("intranet", may=["rooms.*"], listen=["#"], hooks=True)
    (account,) = topology.accounts
    queues = ["outside.intranet", "outside.intranet.dead"]
    others = ["outside.other.dead", "rooms.events", "rooms.events.dead"]
    assert [queue.name for queue in topology.queues] == queues
    assert [key for key in (*queues, *others) if re.search(account.topics[DEAD], key)] == ["outside.intranet.dead"]
    assert [name for name in (*queues, *others) if re.search(account.read, name)] == queues


def test_grants_are_listed_as_they_were_written() -> None:
    may = ["membership.*", "rooms.get-*.v1", "people.person-erased.v1"]
    assert granted(list(topics(*may).values())) == may


def test_grants_are_read_from_permissions_of_earlier_releases() -> None:
    any_key = "[a-z0-9.-]*"
    written = [rf"^(membership\.{any_key}|rooms\.get\-{any_key}\.v1)$", r"^(people\.person\-erased\.v1)$", "^$"]
    assert granted(written) == ["membership.*", "rooms.get-*.v1", "people.person-erased.v1"]


def test_a_renewed_account_may_publish_what_the_catalogue_has_now() -> None:
    renewed = renewed_account("intranet", [r"^(membership\.[a-z0-9.-]*)$", "^$"])
    (added,) = outside_topology("intranet", may=["membership.*"], listen=[]).accounts
    assert renewed.topics == added.topics


def test_a_pattern_that_matches_nothing_any_more_is_kept() -> None:
    renewed = renewed_account("intranet", [*topics("membership.*").values(), "^(?#rooms.of-a-newer-release.v1)$"])
    assert granted(list(renewed.topics.values())) == ["membership.*", "rooms.of-a-newer-release.v1"]


def test_the_length_of_a_permission_is_bounded_by_the_catalogue() -> None:
    may = [f"membership.{'*' * count}" for count in range(1, 100)]
    assert len(topics(*may)[COMMANDS].partition(")")[2]) == len(topics("membership.*")[COMMANDS].partition(")")[2])
    with pytest.raises(OperatorError, match="200"):
        topics(*(f"membership.{'*' * count}" for count in range(1, 300)))


@every_case(
    "pattern",
    ["*", "membership", "memership.*", "membership.(.*)", "membership.joined.v1", "rooms.*|x", "membership.#", ""],
)
def test_a_grant_that_matches_no_message_is_refused(pattern: str) -> None:
    with pytest.raises(OperatorError, match="membership"):
        outside_topology("intranet", may=[pattern], listen=[])


@every_case("pattern", ["", "membership..joined", "Membership.#", "membership.jo*"])
def test_an_event_pattern_that_matches_no_event_is_refused(pattern: str) -> None:
    with pytest.raises(OperatorError, match="pattern"):
        outside_topology("intranet", may=[], listen=[pattern])


@every_case("name", ["practio-rooms", "practio", "Intranet", "in.tranet", "", "-x", "a" * 61])
def test_a_reserved_name_or_one_too_long_for_a_queue_is_refused(name: str) -> None:
    with pytest.raises(OperatorError, match="outside account"):
        outside_topology(name, may=[], listen=[])
