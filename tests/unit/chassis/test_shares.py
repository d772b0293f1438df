"""Which shards each instance consumes, and in which shard a command is."""

from collections import Counter
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from practio_chassis.inbound.shards.shares import ShardChanges, plan, shard_of, share_of

SHARDS = st.integers(min_value=2, max_value=32)
INSTANCES = st.sets(st.integers(min_value=1, max_value=9_999), min_size=1, max_size=12)


@given(INSTANCES, SHARDS)
def test_shares_make_up_all_shards_and_differ_by_one_at_most(instances: set[int], shards: int) -> None:
    shares = [share_of(each, instances, shards) for each in instances]
    assert sum(shares) == shards
    assert max(shares) - min(shares) <= 1


@given(INSTANCES, SHARDS, st.data())
def test_whatever_is_held_all_come_to_their_share_and_no_shard_is_left(
    instances: set[int], shards: int, data: st.DataObject
) -> None:
    held = data.draw(st.dictionaries(st.integers(0, shards + 3), st.sampled_from(sorted(instances))))
    for _ in range(2):  # what the last one gives up is free for the first one in the next round
        for instance in data.draw(st.permutations(sorted(instances))):
            planned = plan(instance, instances, held, shards)
            held = {shard: holder for shard, holder in held.items() if shard not in planned.give_up}
            assert not set(planned.take) & set(held)
            held |= dict.fromkeys(planned.take, instance)
    assert set(held) == set(range(shards))
    assert Counter(held.values()) == Counter(
        {each: n for each in instances if (n := share_of(each, instances, shards))}
    )


def test_an_instance_that_has_its_share_changes_nothing() -> None:
    assert plan(7, [5, 7], {0: 5, 1: 7, 2: 5, 3: 7}, 4) == ShardChanges(give_up=[], take=[])


@given(st.uuids(), SHARDS)
def test_a_room_has_one_shard(room: UUID, shards: int) -> None:
    assert 0 <= shard_of(room.bytes, shards) < shards
    assert shard_of(room.bytes, shards) == shard_of(UUID(str(room)).bytes, shards)


def test_what_has_no_room_goes_to_the_first_shard() -> None:
    assert shard_of(None, 8) == 0


def test_rooms_are_spread_about_evenly() -> None:
    chance = Random(1)
    shards = Counter(shard_of(UUID(int=chance.getrandbits(128)).bytes, 4) for _ in range(2_000))
    assert all(400 < shards[each] < 600 for each in range(4))
