"""How a process ends: in order, or with the reason in one sentence or one line of the log."""

import asyncio
import socket

import pytest

from practio_chassis.cli import run
from practio_chassis.process import event_loop
from practio_chassis.process.stopping import unless
from practio_chassis.web.http_server import listen


@pytest.fixture(autouse=True)
def plain_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave garbage collection alone, which a process of ours changes for good."""
    monkeypatch.setattr(event_loop, "run", asyncio.run)


async def listens_on(port: int) -> None:
    listen("127.0.0.1", port)


async def loses_its_server() -> None:
    raise ConnectionRefusedError(111, "Connection refused")


def test_a_port_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        run(listens_on(taken.getsockname()[1]))
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("practio: cannot listen on 127.0.0.1:")


def test_a_server_that_is_lost_is_not_taken_for_the_port(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(loses_its_server())
    written = capsys.readouterr()
    assert ended.value.code == 1
    assert "cannot listen" not in written.out + written.err
    assert "ConnectionRefusedError" in written.out


async def test_work_that_is_done_has_its_result_and_what_it_raises_is_raised() -> None:
    assert await unless(asyncio.Event(), asyncio.sleep(0, "done")) == "done"
    with pytest.raises(ConnectionRefusedError):
        await unless(asyncio.Event(), loses_its_server())


async def test_work_is_given_up_when_a_process_is_to_stop() -> None:
    stop, given_up = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        try:
            stop.set()
            await asyncio.Event().wait()
            return "done"
        finally:
            given_up.set()

    assert await unless(stop, work()) is None
    assert given_up.is_set()
