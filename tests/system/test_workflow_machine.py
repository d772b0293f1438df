"""Any interleaving of commands, timers and edits, on the running stack, which is killed meanwhile (promise 4)."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.support.clients.commands import Data, new_id
from tests.support.clients.crowd import Crowd, Saying
from tests.support.clients.outside import Outside
from tests.support.clients.raw_publisher import Voice
from tests.support.clients.scenes import a_published_room
from tests.support.clients.strategies import BY_PERSON, ROLES, Meant, bursts, edits
from tests.support.eventually import eventually
from tests.support.faults.backdoor import a_backdoor
from tests.support.oracles import order
from tests.support.oracles.ledger import Ledger, room_of
from tests.support.oracles.observed_room import LIVE, look
from tests.support.stack.running import Stack
from tests.support.stack.world import World

from practio_operator.stack.stack import Backing

pytestmark = pytest.mark.thorough

MACHINES, STEPS, PEOPLE = 5, 16, 7

LAPSES = {
    "offer": "offer-lapsed",
    "invitation": "invitation-lapsed",
    "request": "request-lapsed",
    "reminder": "request-unanswered",
}
"""What a timer that is due tells, by its name."""

Step = tuple[str, Any] | None
"""What happens besides the commands, and to what; None where nothing does."""
steps: st.SearchStrategy[Step] = st.one_of(
    st.none(),
    st.tuples(st.just("revise-room"), edits),
    st.tuples(st.just("revise-room"), edits),
    st.tuples(st.sampled_from(["close-room", "reopen-room", "reopen-room"]), st.just({})),
    st.tuples(st.just("timers are due"), st.sampled_from(sorted(LAPSES))),
    st.tuples(st.just("time is over"), st.sampled_from(["offer", "offer", "invitation"])),
    st.tuples(st.just("killed"), st.sampled_from(["membership", "membership", "broker"])),
    st.just(("said again", "")),
)


class Workflow(RuleBasedStateMachine):
    """One room, seven people, all that may be wished of them, on real processes.

    Which rule may come next never depends on what the stack did: with the same seed the same is wished.
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.people = [new_id() for _ in range(PEOPLE)]
        self.said: list[Data] = []
        self.trail: list[str] = []
        self.version = 0
        self.holds = False

    @initialize(
        capacity=st.integers(1, 3),
        roles=st.sampled_from(ROLES[:2]),
        policy=st.sampled_from(["open", "open", "approval"]),
    )
    def people_have_asked(self, capacity: int, roles: list[Data], policy: str) -> None:
        published = a_published_room(self.world.outside, capacity=capacity, roles=roles, policy=policy)
        self.room = self.world.run(published)
        self.roles = [each["name"] for each in roles]
        self.now = self.world.run(look(self.world.outside, self.room, self.people))
        self.speak(self.send(Meant(who, "request-to-join", number=who % 3)) for who in range(PEOPLE - 1))

    @rule(step=steps, burst=bursts(PEOPLE))
    def something_happens_amid_wishes(self, step: Step, burst: list[Meant]) -> None:
        match step:
            case "timers are due", str(what):
                self.after(self.timers_fire(what))
                self.speak(map(self.send, burst))
            case "time is over", str(what):
                self.world.run(self.world.backdoor.time_is_over(self.room.room_id, what))
                late = [self.send(Meant(who, f"accept-{what}")) for who in range(PEOPLE)]
                self.speak([*late, *map(self.send, burst)])
            case "said again", str():
                self.all_is_said_again()
                self.speak(map(self.send, burst))
            case "killed", str(part):
                sayings = [self.send(each) for each in burst]
                self.speak(sayings, amid=partial(self.killed, part, sayings))
            case str(name), edit:
                wished = [self.send(each) for each in burst]
                self.speak([*wished[::2], self.of_room(name, edit), *wished[1::2]])
            case None:
                self.speak(map(self.send, burst))

    def all_is_said_again(self) -> None:
        self.after(self.world.crowd.says_again(self.said))
        news = self.now.news_since(self.before)
        self.see(f"said again, {each} was told {events}" for each, events in news.items())

    async def killed(self, part: str, sayings: Sequence[Saying]) -> None:
        if self.world.kills[part]:
            self.world.kills[part] -= 1
            self.trail.append(f"{part} is killed")
            await self.world.crowd.has_answers(sayings, len(sayings) // 2)
            await self.world.kill(part)

    async def timers_fire(self, what: str) -> None:
        received, before = self.world.outside.events[f"membership.{LAPSES[what]}.v1"], self.now
        count = await self.world.backdoor.timers_are_due(self.room.room_id, what)
        known = {each["id"] for events in before.told.values() for each in events}

        def told() -> bool:
            news = {each["id"] for each in received if room_of(each) == self.room.room_id} - known
            return len(news) >= count

        self.trail.append(f"{count} times {what} is over")
        await eventually(told, saying=f"{count} facts of {LAPSES[what]}")

    def send(self, meant: Meant) -> Saying:
        person = self.people[meant.who]
        kind = meant.kind_of(self.now.status(person))
        data = {"room_id": self.room.room_id, **meant.fields(kind, person, self.people, self.roles)}
        actor = person if kind in BY_PERSON else self.room.host
        return Saying(self.event(f"membership.{kind}.v1", data, actor), meant.times, meant.aside)

    def of_room(self, kind: str, fields: Data) -> Saying:
        data = {"room_id": self.room.room_id, **fields}
        return Saying(self.event(f"rooms.{kind}.v1", data, self.room.host))

    def event(self, name: str, data: Data, actor: str) -> Data:
        return self.world.outside.envelope(name, data, actor=actor)

    def speak(self, sayings: Iterable[Saying], *, amid: Callable[[], Awaitable[None]] | None = None) -> None:
        each_once = list(sayings)
        self.said += [each.event for each in each_once]
        self.trail += [f"{each.event['type']} {each.event['id']} {each.event['data']}" for each in each_once]
        self.after(self.world.crowd.says(each_once, amid=amid))

    def after(self, something: Coroutine[Any, Any, None]) -> None:
        """Wait until all that follows from it was told, and look at the room."""
        self.holds = False
        self.world.run(something)
        self.world.run(self.edits_are_known())
        looked = look(self.world.outside, self.room, self.people, known=self.now)
        self.before, self.now = self.now, self.world.run(looked)
        self.holds = True

    async def edits_are_known(self) -> None:
        answers = [self.world.outside.answers[each["id"]][0]["data"] for each in self.said if "rooms" in each["type"]]
        for state in (each["state"] for each in answers if "state" in each):
            if state["version"] > self.version:
                self.version, self.roles = state["version"], [each["name"] for each in state["roles"]]
        backdoor, room_id = self.world.backdoor, self.room.room_id

        async def known() -> bool:
            return await backdoor.known_version(room_id) >= self.version

        await eventually(known, saying=f"membership knows version {self.version}")

    def see(self, found: Iterable[str]) -> None:
        """Fail with the first that was found wrong."""
        wrong = next(iter(found), None)
        self.holds = self.holds and wrong is None
        assert wrong is None, "\n".join([str(wrong), "after", *self.trail[-40:]])

    @invariant()
    def no_more_people_than_seats(self) -> None:
        self.see(order.oversold(self.now))
        self.see(order.miscounted(self.now))

    @invariant()
    def one_live_membership_a_person(self) -> None:
        self.see(order.living_twice(self.now))

    @invariant()
    def facts_are_numbered_without_holes_and_doubles(self) -> None:
        self.see(order.misnumbered(self.now))

    @invariant()
    def the_order_is_total_and_changes_for_nobody_but_who_is_moved(self) -> None:
        self.see(order.out_of_order(self.before, self.now))

    @invariant()
    def nobody_comes_past_who_waits(self) -> None:
        self.see(order.passed_over(self.before, self.now, self.wished()))

    @invariant()
    def each_seat_is_given_or_a_reason_is_told(self) -> None:
        self.see(order.unexplained(self.now))

    @invariant()
    def the_history_is_complete(self) -> None:
        self.see(order.broken_histories(self.now))

    def wished(self) -> dict[str, list[str]]:
        """Give the roles that each membership wishes, of those that began with a request and were not invited since."""
        by_id = {each["id"]: each for each in self.said}
        wished: dict[str, list[str]] = {}
        for membership, events in self.now.told.items():
            causes = [by_id[each["causationid"]] for each in events if each["causationid"] in by_id]
            kinds = [each["type"].split(".")[2] for each in causes]
            if kinds and kinds[0] == "request-to-join" and "invite" not in kinds:
                wished[membership] = causes[0]["data"]["roles"] or []
        return wished

    def teardown(self) -> None:
        if self.holds:
            self.speak([self.of_room("cancel-room", {"reason": "The day is over."})])
            left = [each for each in self.people if self.now.status(each) in LIVE]
            self.see([*order.broken_histories(self.now), *(f"{each} is left" for each in left)])


@pytest_asyncio.fixture
async def world(outside: Outside, stack: Stack) -> AsyncIterator[World]:
    """Give what machines share: two connections, a back door, and leave to kill what is ours."""
    is_ours = stack.servers.backing is not Backing.EXTERNAL
    async with Voice(stack.outside_url, source=outside.source) as aside, a_backdoor(stack) as backdoor:
        kills = Counter(membership=3, broker=1 if is_ours else 0)
        yield World(stack, Crowd(outside, aside), backdoor, asyncio.get_running_loop(), kills)


async def test_whatever_is_wished_edited_over_and_killed_in_any_order_seats_and_queue_are_right(
    world: World, chance: random.Random
) -> None:
    machine: Any = seed(chance.randrange(2**32))(partial(Workflow, world))
    patient = settings(
        max_examples=MACHINES,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    await asyncio.to_thread(run_state_machine_as_test, machine, settings=patient)

    await Ledger(world.outside, world.stack.mailbox).is_clean()
