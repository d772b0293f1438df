"""A stack without Docker: each part is a program of one supervisor."""

import asyncio
from functools import partial

from practio_operator.console.output import console, step
from practio_operator.stack import external
from practio_operator.stack.accounts import server_data
from practio_operator.stack.database import ensure_database
from practio_operator.stack.env import write_env
from practio_operator.stack.home import Home
from practio_operator.stack.native import SERVERS, private_servers, server_accounts
from practio_operator.stack.ports import is_free
from practio_operator.stack.processes import end_leftovers, wait_until, wait_until_gone
from practio_operator.stack.programs import Program
from practio_operator.stack.provisioning import provision_stack
from practio_operator.stack.rabbitmq import end_mapper
from practio_operator.stack.servers import Servers
from practio_operator.stack.services import (
    gateway_program,
    http_url,
    is_ready,
    mail_program,
    pages_program,
    service_programs,
)
from practio_operator.stack.stack import Backing, Ports, StackConfig
from practio_operator.stack.supervisor import Supervisor

PATIENCE_SECONDS = 90
"""How long a service may take to be ready, and the supervisor to stop everything."""


async def start(home: Home, stack: StackConfig) -> None:
    """Start the parts that do not run, wait until services are ready, and write the env file.

    Raise OperatorError if a part does not start. The others keep running, to be inspected or tried again.
    """
    stack = make_startable(home, stack)
    servers = await start_servers(home, stack)
    await provision_stack(stack, servers)
    with step("Starting services and pages"):
        await _start_parts(supervisor_of(home, stack), stack)
    write_env(home, stack, servers, mail={"PRACTIO_MAIL_DIR": str(home.mail)})


def make_startable(home: Home, stack: StackConfig) -> StackConfig:
    """Save the stack so that it can start: leftovers of an earlier one ended, free ports, a folder for data."""
    if supervisor_of(home, stack).answers():
        return stack
    if left := end_leftovers(home):
        console.print(f"Ended {left} processes left by an earlier stack.")
    if not all(is_free(port) for port in stack.ports.model_dump().values()):
        stack = stack.model_copy(update={"ports": Ports.take()})
    if stack.backing is Backing.NATIVE and not (stack.data and stack.data.exists()):
        stack = stack.model_copy(update={"data": server_data(home, server_accounts())})
    stack.save(home)
    return stack


async def start_servers(home: Home, stack: StackConfig) -> Servers:
    """Start private servers, or connect to external ones, and start the supervisor for the services.

    Create the vhost and the database `practio` if they are missing.
    """
    if stack.data is None:
        with step("Connecting to the servers"):
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


def stop(home: Home, stack: StackConfig, *, keep: bool) -> None:
    """Stop every process of the stack: services and pages, then mail and servers, then others with its mark.

    Private servers whose data nobody keeps are killed: RabbitMQ takes seconds to store what is deleted next.
    """
    supervisor = supervisor_of(home, stack)
    if supervisor.answers():
        pid = supervisor.pid()
        parts = (*stack.parts, "mail")
        supervisor.stop(*parts)
        wait_until(lambda: supervisor.have_ended(*parts), seconds=PATIENCE_SECONDS)
        supervisor.shut_down(killing=() if keep or stack.data is None else SERVERS)
        if not wait_until_gone(pid, seconds=PATIENCE_SECONDS):
            console.print("The supervisor takes too long: ending its processes one by one.")
    end_leftovers(home)
    if stack.backing is Backing.NATIVE:
        end_mapper(stack.ports.mapper)


def supervisor_of(home: Home, stack: StackConfig) -> Supervisor:
    """Return the supervisor of a stack, running or not."""
    return Supervisor(home, stack.ports.supervisor, stack.secrets["supervisor"])


def _supervise(home: Home, stack: StackConfig, servers: Servers, before: list[Program]) -> None:
    """Start the supervisor unless it runs, with the programs `before`, mail catcher, services, pages and gateway."""
    supervisor = supervisor_of(home, stack)
    if not supervisor.answers():
        parts = [*service_programs(stack, servers), pages_program(stack, servers), gateway_program(stack, servers)]
        supervisor.start([*before, mail_program(stack, home.mail), *parts])


async def _start_parts(supervisor: Supervisor, stack: StackConfig) -> None:
    supervisor.run("mail", *stack.parts)
    await asyncio.gather(
        *(
            supervisor.ready(name, partial(is_ready, http_url(stack, name)), seconds=PATIENCE_SECONDS)
            for name in stack.parts
        )
    )
