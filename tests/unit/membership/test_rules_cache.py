"""The cache of rooms' rules: bounded by size, since one room may be a hundred times as large as another."""

from tests.unit.membership.builders import a_room

from practio_contracts.rooms import Room
from practio_membership.store.rows import rules_columns
from practio_membership.store.rules_cache import RulesCache

WIDEST = "\U0001f642"


def a_text(purpose: str = "Cases") -> str:
    snapshot: str = rules_columns(a_room().model_copy(update={"purpose": purpose}))["snapshot"]
    return snapshot


def test_rules_are_read_once_for_each_text() -> None:
    cache, text = RulesCache(), a_text()
    assert cache.of(text) is cache.of(text)
    assert cache.of(text) == Room.model_validate_json(text)


def test_the_texts_that_are_kept_never_exceed_their_bound_and_the_least_recently_used_ones_go_first() -> None:
    texts = [a_text(WIDEST * 5_000 + str(number)) for number in range(4)]
    cache = RulesCache(most=3 * len(texts[0].encode()))
    first = cache.of(texts[0])
    for text in (texts[1], texts[2], texts[0], texts[3]):
        cache.of(text)
    assert (len(cache), cache.size) == (3, 3 * len(texts[0].encode()))
    assert cache.of(texts[0]) is first


def test_rules_that_are_larger_than_the_bound_are_read_and_not_kept() -> None:
    cache, text = RulesCache(most=100), a_text()
    assert cache.of(text) == Room.model_validate_json(text)
    assert (len(cache), cache.size) == (0, 0)
