"""A campaign of faults: load goes on, faults come and go, and every few of them the books must be right."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.books import ANSWER_SECONDS, faults_in_books, put_back_dead_letters, shortened
from tests.campaign.cost import Cost, explaining
from tests.campaign.faults import suffer
from tests.campaign.load import CampaignClient, ClientWork
from tests.campaign.plan import EACH, FaultKind, InjectedFault, moments
from tests.campaign.probes import Prober
from tests.campaign.stage import Stage, staged

PAUSE_SECONDS = 0.2
CALM_SECONDS = 1.0
"""The longest time between two moments, so that load comes to all states of the services."""


@dataclass(frozen=True)
class CampaignOptions:
    """What the command line asks for; ``patience`` is in seconds, ``every`` the number of faults between two looks.

    The campaign ends after so many ``minutes`` or so many ``faults``, whatever is first.
    """

    seed: int
    minutes: float
    faults: int
    first: int
    kinds: Sequence[FaultKind]
    clients: int
    every: int
    patience: float
    goes_on: bool


@dataclass
class CampaignReport:
    """What came of a campaign; ``findings`` are sentences, each with the indexes of the faults before it."""

    costs: list[Cost] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    commands: int = 0
    letters: int = 0
    lost_answers: Counter[FaultKind] = field(default_factory=Counter)
    put_back: int = 0
    looks: int = 0


Announce = Callable[[str], None]
"""Takes a sentence about what happens now."""


async def run(wanted: CampaignOptions, folder: Path, report: CampaignReport, announce: Announce) -> None:
    """Run a campaign, and fill in the ``report``; logs go into ``folder``."""
    clocks, disks = FaultKind.CLOCK in wanted.kinds, bool({FaultKind.DISK_FULL, FaultKind.DISK_LOW} & set(wanted.kinds))
    announce("starting servers and services")
    async with (
        staged(folder, copies=EACH, proxies=True, disks=disks, clocks=clocks) as stage,
        _clients(stage, wanted) as (asking, loads),
    ):
        campaign = _Campaign(wanted, stage, loads, asking, report, announce, time.monotonic() + 60 * wanted.minutes)
        for leg in campaign.legs():
            await campaign.run(leg)
            if report.findings and not wanted.goes_on:
                return


@asynccontextmanager
async def _clients(stage: Stage, wanted: CampaignOptions) -> AsyncIterator[tuple[CampaignClient, list[ClientWork]]]:
    async with AsyncExitStack() as stack:
        prober = CampaignClient(await stage.account("prober", as_system=True), "prober")
        await stack.enter_async_context(prober)
        loads = []
        for number in range(wanted.clients):
            account = f"client-{number + 1}"
            client = CampaignClient(await stage.account(account, listen=["#"]), account)
            await stack.enter_async_context(client)
            loads.append(ClientWork(client, random.Random(f"{wanted.seed}:{account}")))
        yield prober, loads


@dataclass
class _Campaign:
    wanted: CampaignOptions
    stage: Stage
    loads: Sequence[ClientWork]
    asking: CampaignClient
    report: CampaignReport
    announce: Announce
    ends_at: float
    prober: Prober = field(init=False)
    _cut_by: dict[tuple[str, int], Sequence[InjectedFault]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let one client ask whether all services answer."""
        self.prober = Prober(self.asking)

    def legs(self) -> Iterator[list[tuple[InjectedFault, ...]]]:
        """Yield the moments between two looks at the books, until time or faults are used up."""
        plan = moments(self.wanted.seed, first=self.wanted.first, kinds=self.wanted.kinds)
        while len(self.report.costs) < self.wanted.faults and (
            not self.report.looks or time.monotonic() < self.ends_at
        ):
            leg: list[tuple[InjectedFault, ...]] = []
            left = min(self.wanted.every, self.wanted.faults - len(self.report.costs))
            while sum(map(len, leg)) < left:
                leg.append(next(plan))
            yield leg

    async def run(self, leg: Sequence[tuple[InjectedFault, ...]]) -> None:
        """Let load and faults go on side by side, then look at the books."""
        for load in self.loads:
            await load.open_rooms()
        over = asyncio.Event()
        working = [asyncio.create_task(load.go_on(over)) for load in self.loads]
        last = 0
        try:
            for moment in leg:
                last = moment[-1].index
                if not await self._survived(moment) or time.monotonic() > self.ends_at:
                    break
        finally:
            over.set()
            await asyncio.gather(*working)
        await self._look(f"{leg[0][0].index} to {last}")

    async def _survived(self, moment: Sequence[InjectedFault]) -> bool:
        """Do what the moment brings, and wait until all is ready; return whether it became so in time."""
        self.announce(f"{moment[0].index}: {' and '.join(map(str, moment))}")
        before = {load.client.account: load.client.answer_book.connection for load in self.loads}
        problems = await asyncio.gather(*(suffer(self.stage, fault) for fault in moment))
        begun = time.monotonic()
        unready = await self._until_ready(begun + self.wanted.patience)
        seconds = None if unready else time.monotonic() - begun
        self.report.costs += [Cost(fault, seconds) for fault in moment]
        found = [each for problem in problems for each in problem] + self._exits()
        if unready:
            found.append(f"not ready {self.wanted.patience:.0f} s later: {unready}")
        self._note(f"{moment[-1].index}", found)
        calm = random.Random(f"{self.wanted.seed}:{moment[0].index}:calm").uniform(0, CALM_SECONDS)
        await asyncio.sleep(calm)
        for load in self.loads:
            account, book = load.client.account, load.client.answer_book
            self._cut_by |= {(account, number): moment for number in range(before[account], book.connection)}
        return not unready

    async def _until_ready(self, deadline: float) -> str:
        """Wait until everything is ready and answers; return who does not."""
        while unready := await self.stage.unready():
            if time.monotonic() > deadline:
                return ", ".join(unready)
            await asyncio.sleep(PAUSE_SECONDS)
        try:
            await self.prober.all_answer(within=max(deadline - time.monotonic(), 10.0))
        except AssertionError as error:
            return f"all say that they are ready, but {error}"
        return ""

    async def _look(self, faults: str) -> None:
        self.announce(f"{faults}: looking at the books")
        put_back, strange = await put_back_dead_letters(self.stage)
        found = [*shortened("dead letter that names no fault", strange), *await self._unanswered_once()]
        found += await faults_in_books(self.stage, self.loads, within=self.wanted.patience)
        again, _ = await put_back_dead_letters(self.stage)
        found += shortened("dead again after it was put back", again)
        self._note(faults, found + self._exits())
        self.report.looks += 1
        self.report.put_back += len(put_back)
        self.report.commands += sum(len(load.client.confirmed) for load in self.loads)
        self.report.letters = len(self.stage.mailbox.letters)

    async def _unanswered_once(self) -> list[str]:
        """Ask every service once, now that all is ready, and count the answers that connections took with them.

        What is asked on a connection that is cut meanwhile is asked again.
        """
        for load in self.loads:
            for number, lost in load.client.answer_book.lost_with_connections().items():
                for kind in explaining(self._cut_by.pop((load.client.account, number), ())):
                    self.report.lost_answers[kind] += lost
        book = self.asking.answer_book
        while True:
            connection = book.connection
            try:
                await self.prober.all_answer(within=ANSWER_SECONDS, again=False)
            except AssertionError as error:
                if book.connection == connection:
                    return [f"all is ready, and asked once, {error}"]
            else:
                return []

    def _exits(self) -> list[str]:
        found, self.stage.exits = self.stage.exits, []
        return found

    def _note(self, faults: str, found: Sequence[str]) -> None:
        for each in found:
            sentence = f"fault {faults}: {each}"
            self.announce(sentence)
            self.report.findings.append(sentence)
