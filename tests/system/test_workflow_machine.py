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
from tests.support.clients.actions import a_published_room
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.parallel_publisher import ParallelPublisher, PlannedCommand
from tests.support.clients.raw_publisher import RawPublisher
from tests.support.clients.strategies import BY_PERSON, ROLES, DrawnCommand, bursts, room_changes
from tests.support.eventually import eventually
from tests.support.faults.backdoor import a_backdoor
from tests.support.oracles import room_rules
from tests.support.oracles.ledger import Ledger, room_of
from tests.support.oracles.observed_room import LIVE, observe_room
from tests.support.stack.running import RunningStack
from tests.support.stack.stack_driver import StackDriver

from practio_operator.stack.stack import Backing

pytestmark = pytest.mark.thorough

MACHINES, STEPS, PEOPLE = 5, 16, 7

LAPSES = {
    "offer": "offer-lapsed",
    "invitation": "invitation-lapsed",
    "request": "request-lapsed",
    "reminder": "request-unanswered",
}
"""The event of a due timer, by the timer's name."""

Step = tuple[str, Any] | None
"""What happens besides the commands, and to what; None for nothing."""
steps: st.SearchStrategy[Step] = st.one_of(
    st.none(),
    st.tuples(st.just("revise-room"), room_changes),
    st.tuples(st.just("revise-room"), room_changes),
    st.tuples(st.sampled_from(["close-room", "reopen-room", "reopen-room"]), st.just({})),
    st.tuples(st.just("timers are due"), st.sampled_from(sorted(LAPSES))),
    st.tuples(st.just("time is over"), st.sampled_from(["offer", "offer", "invitation"])),
    st.tuples(st.just("killed"), st.sampled_from(["membership", "membership", "broker"])),
    st.just(("repeated", "")),
)


class Workflow(RuleBasedStateMachine):
    """One room, seven people, all commands about them, on real processes.

    Which rule may come next never depends on what the stack did: the same seed gives the same commands.
    """

    def __init__(self, driver: StackDriver) -> None:
        super().__init__()
        self.driver = driver
        self.people = [new_id() for _ in range(PEOPLE)]
        self.sent: list[Data] = []
        self.trail: list[str] = []
        self.version = 0
        self.holds = False

    @initialize(
        capacity=st.integers(1, 3),
        roles=st.sampled_from(ROLES[:2]),
        policy=st.sampled_from(["open", "open", "approval"]),
    )
    def people_have_asked(self, capacity: int, roles: list[Data], policy: str) -> None:
        published = a_published_room(self.driver.outside, capacity=capacity, roles=roles, policy=policy)
        self.room = self.driver.run(published)
        self.roles = [each["name"] for each in roles]
        self.now = self.driver.run(observe_room(self.driver.outside, self.room, self.people))
        self.publish(self.send(DrawnCommand(who, "request-to-join", number=who % 3)) for who in range(PEOPLE - 1))

    @rule(step=steps, burst=bursts(PEOPLE))
    def something_happens_amid_commands(self, step: Step, burst: list[DrawnCommand]) -> None:
        match step:
            case "timers are due", str(what):
                self.after(self.timers_fire(what))
                self.publish(map(self.send, burst))
            case "time is over", str(what):
                self.driver.run(self.driver.backdoor.time_is_over(self.room.room_id, what))
                late = [self.send(DrawnCommand(who, f"accept-{what}")) for who in range(PEOPLE)]
                self.publish([*late, *map(self.send, burst)])
            case "repeated", str():
                self.all_commands_are_repeated()
                self.publish(map(self.send, burst))
            case "killed", str(part):
                commands = [self.send(each) for each in burst]
                self.publish(commands, meanwhile=partial(self.killed, part, commands))
            case str(name), change:
                wanted_roles = [self.send(each) for each in burst]
                self.publish([*wanted_roles[::2], self.of_room(name, change), *wanted_roles[1::2]])
            case None:
                self.publish(map(self.send, burst))

    def all_commands_are_repeated(self) -> None:
        self.after(self.driver.publisher.publish_again(self.sent))
        news = self.now.news_since(self.before)
        self.see(f"repeated, {each} has new events {events}" for each, events in news.items())

    async def killed(self, part: str, commands: Sequence[PlannedCommand]) -> None:
        if self.driver.kills[part]:
            self.driver.kills[part] -= 1
            self.trail.append(f"{part} is killed")
            await self.driver.publisher.some_are_answered(commands, len(commands) // 2)
            await self.driver.kill(part)

    async def timers_fire(self, what: str) -> None:
        received, before = self.driver.outside.events[f"membership.{LAPSES[what]}.v1"], self.now
        count = await self.driver.backdoor.timers_are_due(self.room.room_id, what)
        known = {each["id"] for events in before.membership_events.values() for each in events}

        def have_fired() -> bool:
            news = {each["id"] for each in received if room_of(each) == self.room.room_id} - known
            return len(news) >= count

        self.trail.append(f"{count} times {what} is over")
        await eventually(have_fired, message=f"{count} events of {LAPSES[what]}")

    def send(self, drawn: DrawnCommand) -> PlannedCommand:
        person = self.people[drawn.person_number]
        kind = drawn.kind_of(self.now.status(person))
        data = {"room_id": self.room.room_id, **drawn.fields(kind, person, self.people, self.roles)}
        actor = person if kind in BY_PERSON else self.room.host
        return PlannedCommand(self.event(f"membership.{kind}.v1", data, actor), drawn.times, drawn.second)

    def of_room(self, kind: str, fields: Data) -> PlannedCommand:
        data = {"room_id": self.room.room_id, **fields}
        return PlannedCommand(self.event(f"rooms.{kind}.v1", data, self.room.host))

    def event(self, name: str, data: Data, actor: str) -> Data:
        return self.driver.outside.envelope(name, data, actor=actor)

    def publish(
        self, commands: Iterable[PlannedCommand], *, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        each_once = list(commands)
        self.sent += [each.event for each in each_once]
        self.trail += [f"{each.event['type']} {each.event['id']} {each.event['data']}" for each in each_once]
        self.after(self.driver.publisher.publish_all(each_once, meanwhile=meanwhile))

    def after(self, something: Coroutine[Any, Any, None]) -> None:
        """Wait until all events that follow were received, and observe the room."""
        self.holds = False
        self.driver.run(something)
        self.driver.run(self.room_changes_are_known())
        looked = observe_room(self.driver.outside, self.room, self.people, known=self.now)
        self.before, self.now = self.now, self.driver.run(looked)
        self.holds = True

    async def room_changes_are_known(self) -> None:
        answers = [self.driver.outside.answers[each["id"]][0]["data"] for each in self.sent if "rooms" in each["type"]]
        for state in (each["state"] for each in answers if "state" in each):
            if state["version"] > self.version:
                self.version, self.roles = state["version"], [each["name"] for each in state["roles"]]
        backdoor, room_id = self.driver.backdoor, self.room.room_id

        async def known() -> bool:
            return await backdoor.known_version(room_id) >= self.version

        await eventually(known, message=f"membership knows version {self.version}")

    def see(self, found: Iterable[str]) -> None:
        """Fail with the first that was found wrong."""
        wrong = next(iter(found), None)
        self.holds = self.holds and wrong is None
        assert wrong is None, "\n".join([str(wrong), "after", *self.trail[-40:]])

    @invariant()
    def no_more_people_than_seats(self) -> None:
        self.see(room_rules.oversold(self.now))
        self.see(room_rules.miscounted(self.now))

    @invariant()
    def one_live_membership_a_person(self) -> None:
        self.see(room_rules.living_twice(self.now))

    @invariant()
    def events_are_numbered_without_gaps_and_doubles(self) -> None:
        self.see(room_rules.misnumbered(self.now))

    @invariant()
    def the_order_changes_only_for_people_who_are_moved(self) -> None:
        self.see(room_rules.out_of_order(self.before, self.now))

    @invariant()
    def nobody_overtakes_a_waiting_person(self) -> None:
        self.see(room_rules.passed_over(self.before, self.now, self.wanted_roles()))

    @invariant()
    def each_seat_is_given_or_explained(self) -> None:
        self.see(room_rules.unexplained(self.now))

    @invariant()
    def the_history_is_complete(self) -> None:
        self.see(room_rules.broken_histories(self.now))

    def wanted_roles(self) -> dict[str, list[str]]:
        """Return the preferred roles of each membership that began with a request and had no invitation since."""
        by_id = {each["id"]: each for each in self.sent}
        wanted_roles: dict[str, list[str]] = {}
        for membership, events in self.now.membership_events.items():
            causes = [by_id[each["causationid"]] for each in events if each["causationid"] in by_id]
            kinds = [each["type"].split(".")[2] for each in causes]
            if kinds and kinds[0] == "request-to-join" and "invite" not in kinds:
                wanted_roles[membership] = causes[0]["data"]["roles"] or []
        return wanted_roles

    def teardown(self) -> None:
        if self.holds:
            self.publish([self.of_room("cancel-room", {"reason": "The day is over."})])
            left = [each for each in self.people if self.now.status(each) in LIVE]
            self.see([*room_rules.broken_histories(self.now), *(f"{each} is left" for each in left)])


@pytest_asyncio.fixture
async def driver(outside: OutsideSystem, stack: RunningStack) -> AsyncIterator[StackDriver]:
    """Yield the driver of the machines: two connections, the direct access, and the number of allowed kills."""
    is_ours = stack.servers.backing is not Backing.EXTERNAL
    async with RawPublisher(stack.outside_url, source=outside.source) as second, a_backdoor(stack) as backdoor:
        kills = Counter(membership=3, broker=1 if is_ours else 0)
        yield StackDriver(stack, ParallelPublisher(outside, second), backdoor, asyncio.get_running_loop(), kills)


async def test_seats_and_waitlist_are_right_after_any_order_of_commands_changes_and_kills(
    driver: StackDriver, chance: random.Random
) -> None:
    machine: Any = seed(chance.randrange(2**32))(partial(Workflow, driver))
    patient = settings(
        max_examples=MACHINES,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    await asyncio.to_thread(run_state_machine_as_test, machine, settings=patient)

    await Ledger(driver.outside, driver.stack.mailbox).is_clean()
