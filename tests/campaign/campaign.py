"""A campaign of faults: load goes on, faults come and go, and every few of them the books must be right."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.books import faults_in_books, put_back_dead_letters, shortened
from tests.campaign.cost import Cost
from tests.campaign.faults import suffer
from tests.campaign.load import CampaignClient, ClientWork
from tests.campaign.plan import EACH, FaultKind, InjectedFault, moments
from tests.campaign.probes import Prober
from tests.campaign.stage import Stage, staged
from tests.support.clients.outside import OutsideSystem

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
    put_back: int = 0
    looks: int = 0


Announce = Callable[[str], None]
"""Takes a sentence about what happens now."""


async def run(wanted: CampaignOptions, folder: Path, report: CampaignReport, announce: Announce) -> None:
    """Run a campaign, and fill in the ``report``; logs go into ``folder``."""
    clocks, disks = FaultKind.CLOCK in wanted.kinds, bool({FaultKind.DISK_FULL, FaultKind.DISK_LOW} & set(wanted.kinds))
    announce("starting servers and services")
    async with (
        staged(folder, copies=EACH, wires=True, disks=disks, clocks=clocks) as stage,
        _clients(stage, wanted) as (prober, loads),
    ):
        campaign = _Campaign(wanted, stage, loads, prober, report, announce, time.monotonic() + 60 * wanted.minutes)
        for leg in campaign.legs():
            await campaign.run(leg)
            if report.findings and not wanted.goes_on:
                return


@asynccontextmanager
async def _clients(stage: Stage, wanted: CampaignOptions) -> AsyncIterator[tuple[Prober, list[ClientWork]]]:
    async with AsyncExitStack() as stack:
        prober = OutsideSystem(await stage.account("prober", as_system=True), "outside.prober")
        await stack.enter_async_context(prober)
        loads = []
        for number in range(wanted.clients):
            account = f"client-{number + 1}"
            client = CampaignClient(await stage.account(account, listen=["#"]), account)
            await stack.enter_async_context(client)
            loads.append(ClientWork(client, random.Random(f"{wanted.seed}:{account}")))
        yield Prober(prober), loads


@dataclass
class _Campaign:
    wanted: CampaignOptions
    stage: Stage
    loads: Sequence[ClientWork]
    prober: Prober
    report: CampaignReport
    announce: Announce
    ends_at: float

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
        found = [*shortened("dead letter that names no fault", strange)]
        found += await faults_in_books(self.stage, self.loads, within=self.wanted.patience)
        again, _ = await put_back_dead_letters(self.stage)
        found += shortened("dead again after it was put back", again)
        self._note(faults, found + self._exits())
        self.report.looks += 1
        self.report.put_back += len(put_back)
        self.report.commands += sum(len(load.client.confirmed) for load in self.loads)
        self.report.letters = len(self.stage.mailbox.letters)

    def _exits(self) -> list[str]:
        found, self.stage.exits = self.stage.exits, []
        return found

    def _note(self, faults: str, found: Sequence[str]) -> None:
        for each in found:
            sentence = f"fault {faults}: {each}"
            self.announce(sentence)
            self.report.findings.append(sentence)
