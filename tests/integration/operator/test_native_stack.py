"""The stack without Docker: it comes up, comes back and goes away without a trace."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from tests.integration.operator.terminal import Terminal
from tests.support.eventually import eventually

from practio_operator.stack.env import read_env
from practio_operator.stack.ports import is_free
from practio_operator.stack.stack import StackConfig, load_stack
from practio_operator.stack.supervised_stack import supervisor_of

pytestmark = pytest.mark.thorough

PARTS = {"database", "broker", "mail", "rooms", "membership", "notifications", "pages"}


def test_every_service_reports_ready(native: Terminal) -> None:
    status = json.loads(native.does("status", "--json"))
    assert status["parts"] == dict.fromkeys(("rooms", "membership", "notifications", "pages"), "ready")
    assert status["ready"]


def test_up_and_status_and_the_env_file_say_where_pages_is(native: Terminal) -> None:
    url = read_env(native.home)["PRACTIO_PAGES_HTTP"]
    assert url in native.does("up")
    assert url in native.does("status")
    assert json.loads(native.does("status", "--json"))["where"]["pages"] == url


def test_a_gateway_is_added_if_it_is_wanted_and_stays(native: Terminal) -> None:
    native.does("up", "--gateway")
    url = read_env(native.home)["PRACTIO_GATEWAY_HTTP"]
    assert url in native.does("up")
    assert json.loads(native.does("status", "--json"))["parts"]["gateway"] == "ready"


async def test_pages_has_logs_like_every_part(native: Terminal) -> None:
    assert "pages" in native.does("logs", "pages")


def test_its_services_answer_the_operator(native: Terminal) -> None:
    answer = json.loads(native.does("ask", "rooms.search-rooms.v1", "--data", "{}", "--json"))
    assert answer["result"]["rooms"] == []


def test_up_again_changes_nothing(native: Terminal) -> None:
    before = {name: pid_of(native, name) for name in PARTS}
    native.does("up")
    assert {name: pid_of(native, name) for name in PARTS} == before


async def test_supervisorctl_stops_and_starts_one_part(native: Terminal) -> None:
    assert supervisorctl(native, "stop", "rooms") == "rooms: stopped"
    assert pid_of(native, "rooms") == 0
    assert supervisorctl(native, "start", "rooms") == "rooms: started"
    await eventually(lambda: is_ready(native), within=60, message=lambda: native.practio("status").stdout)


async def test_a_killed_part_is_restarted(native: Terminal) -> None:
    for name in ("rooms", "mail"):
        await comes_back(native, name)


async def test_a_killed_server_is_restarted_too(native: Terminal) -> None:
    await comes_back(native, "database")
    await eventually(lambda: is_ready(native), within=60, message=lambda: native.practio("status").stdout)


async def test_after_the_supervisor_was_killed_up_starts_everything_again(native: Terminal) -> None:
    left = native.processes()
    psutil.Process(supervisor_of(native.home, stack_of(native)).pid()).kill()
    assert "left by an earlier stack" in native.does("up")
    assert is_ready(native)
    assert not [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def test_another_backing_is_refused_until_this_one_is_down(native: Terminal) -> None:
    assert "practio down" in native.complains("up", PRACTIO_BACKING="docker")


def test_what_is_kept_is_there_when_the_stack_is_up_again(native: Terminal) -> None:
    about = {"name": "Schools of Lucca", "kind": "organisation", "delegate_ids": [str(uuid4())]}
    sponsor = {"sponsor_id": str(uuid4()), **about}
    native.does("send", "rooms.register-sponsor.v1", "--data", json.dumps(sponsor))
    native.does("down", "--keep")
    native.does("up")
    answer = json.loads(native.does("ask", "rooms.list-sponsors.v1", "--data", "{}", "--json"))
    assert [each["sponsor_id"] for each in answer["result"]["sponsors"]] == [sponsor["sponsor_id"]]


def test_after_down_no_process_no_port_and_no_data_are_left(native: Terminal) -> None:
    running, stack = native.processes(), stack_of(native)
    assert len(running) > len(PARTS)
    native.does("down")
    assert not [process for process in running if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert [port for port in stack.ports.model_dump().values() if not is_free(port)] == []
    assert [path.name for path in native.home.folder.iterdir()] == ["lock"]
    assert stack.data is not None
    assert not stack.data.exists()
    native.does("down")


async def comes_back(native: Terminal, name: str) -> None:
    """Kill a part, and wait until the supervisor has started it again."""
    before = pid_of(native, name)
    psutil.Process(before).kill()
    await eventually(lambda: pid_of(native, name) not in (0, before), within=60, message=f"{name} is back")


def is_ready(native: Terminal) -> bool:
    return native.practio("status").returncode == 0


def supervisorctl(native: Terminal, *arguments: str) -> str:
    """Run supervisorctl on this stack's configuration, and return its output."""
    command = [str(Path(sys.executable).with_name("supervisorctl")), "-c", str(native.home.supervisor_conf)]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def pid_of(native: Terminal, name: str) -> int:
    return int(supervisor_of(native.home, stack_of(native)).states()[name]["pid"])


def stack_of(native: Terminal) -> StackConfig:
    stack = load_stack(native.home)
    assert stack is not None
    return stack
