"""A stack without Docker: every part of it is a program of one supervisor."""

import asyncio
from functools import partial

from practio_operator.console import console, step
from practio_operator.stack import external
from practio_operator.stack.accounts import server_data
from practio_operator.stack.database import ensure_database
from practio_operator.stack.env import write_env
from practio_operator.stack.home import Home
from practio_operator.stack.native import private_servers, server_accounts
from practio_operator.stack.ports import is_free
from practio_operator.stack.processes import sweep, wait_until_gone
from practio_operator.stack.programs import Program
from practio_operator.stack.provisioning import provision_stack
from practio_operator.stack.rabbitmq import end_mapper
from practio_operator.stack.servers import Servers
from practio_operator.stack.services import http_url, is_ready, mail_program, pages_program, service_programs
from practio_operator.stack.stack import OURS, Backing, Ports, Stack
from practio_operator.stack.supervisor import Supervisor

PATIENCE_SECONDS = 90
"""How long a service may take to be ready, and the supervisor to stop everything."""


async def start(home: Home, stack: Stack) -> None:
    """Start what does not run yet, up to ready services, and write the env file.

    Raise OperatorError if something does not come up; what runs then keeps running, for a look or another try.
    """
    stack = settle(home, stack)
    servers = await start_servers(home, stack)
    await provision_stack(stack, servers)
    with step("Starting services and pages"):
        await _start_ours(supervisor_of(home, stack), stack)
    write_env(home, stack, servers, mail={"PRACTIO_MAIL_DIR": str(home.mail)})


def settle(home: Home, stack: Stack) -> Stack:
    """Make a stack startable and keep it: no leftovers of an earlier one, free ports, a place for data."""
    if supervisor_of(home, stack).answers():
        return stack
    if left := sweep(home):
        console.print(f"Ended {left} processes that an earlier stack had left behind.")
    if not all(is_free(port) for port in stack.ports.model_dump().values()):
        stack = stack.model_copy(update={"ports": Ports.take()})
    if stack.backing is Backing.NATIVE and not (stack.data and stack.data.exists()):
        stack = stack.model_copy(update={"data": server_data(home, server_accounts())})
    stack.save(home)
    return stack


async def start_servers(home: Home, stack: Stack) -> Servers:
    """Start the servers of a settled stack, or reach those of others, and have a supervisor ready for the services.

    Vhost and database `practio` are there afterwards.
    """
    if stack.data is None:
        with step("Reaching the servers"):
            servers = external.external_servers()
            await external.ensure_vhost(servers)
            await ensure_database(servers.database_url)
        _supervise(home, stack, servers, [])
        return servers
    with step("Starting private PostgreSQL and RabbitMQ"):
        private = private_servers(stack.data, stack.ports, stack.secrets)
        _supervise(home, stack, private.urls, await private.prepare())
        await private.start(supervisor_of(home, stack))
        await ensure_database(private.urls.database_url)
    return private.urls


def stop(home: Home, stack: Stack) -> None:
    """Stop every process of the stack: ours first, then mail and servers, then whatever else carries its mark."""
    supervisor = supervisor_of(home, stack)
    if supervisor.answers():
        pid = supervisor.pid()
        supervisor.stop(*OURS, "mail")
        supervisor.shut_down()
        if not wait_until_gone(pid, seconds=PATIENCE_SECONDS):
            console.print("The supervisor takes too long; its processes are ended one by one.")
    sweep(home)
    if stack.backing is Backing.NATIVE:
        end_mapper(stack.ports.mapper)


def supervisor_of(home: Home, stack: Stack) -> Supervisor:
    """The supervisor of a stack, running or not."""
    return Supervisor(home, stack.ports.supervisor, stack.secrets["supervisor"])


def _supervise(home: Home, stack: Stack, servers: Servers, before: list[Program]) -> None:
    """Start the supervisor, unless it runs: it knows the programs `before`, mail catcher, services and pages."""
    supervisor = supervisor_of(home, stack)
    if not supervisor.answers():
        ours = [*service_programs(stack, servers), pages_program(stack, servers)]
        supervisor.start([*before, mail_program(stack, home.mail), *ours])


async def _start_ours(supervisor: Supervisor, stack: Stack) -> None:
    supervisor.run("mail", *OURS)
    await asyncio.gather(
        *(supervisor.ready(name, partial(is_ready, http_url(stack, name)), seconds=PATIENCE_SECONDS) for name in OURS)
    )
