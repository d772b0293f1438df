"""A private PostgreSQL: its own data, port and administrator; the machine's own server is not changed."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from practio_operator.console.errors import OperatorError
from practio_operator.stack.accounts import change_owner, make_private_folder, run_as
from practio_operator.stack.programs import Program

ADMINISTRATOR = "practio_admin"


@dataclass(frozen=True)
class Postgres:
    """The server's programs, data, account and address."""

    binaries: Path
    data: Path
    account: str | None
    port: int
    password: str

    @property
    def url(self) -> str:
        """Return the administrator's URL of the database `practio`."""
        return f"postgresql://{ADMINISTRATOR}:{self.password}@127.0.0.1:{self.port}/practio"

    def prepare(self) -> Program:
        """Create missing data, write the settings, and return the server's program."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        (self.data / "postgresql.conf").write_text(self._settings())
        return Program(
            name="database",
            command=(str(self.binaries / "postgres"), "-D", str(self.data)),
            folder=self.data,
            user=self.account,
            stop_signal="INT",  # a fast shutdown: sessions end, committed data stay
        )

    async def is_ready(self) -> bool:
        """Return whether the server accepts connections."""
        try:
            connection = await asyncpg.connect(self.url, database="postgres", timeout=5)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    def _initialise(self) -> None:
        make_private_folder(self.data, self.account)
        with tempfile.NamedTemporaryFile("w", prefix="practio-") as secret:
            secret.write(self.password + "\n")
            secret.flush()
            change_owner(Path(secret.name), self.account)
            self._initdb(secret.name)

    def _initdb(self, secret: str) -> None:
        folder = [f"--pgdata={self.data}", f"--username={ADMINISTRATOR}", f"--pwfile={secret}"]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        done = run_as(self.account, str(self.binaries / "initdb"), *folder, *options)
        if done.returncode:
            raise OperatorError(f"initdb failed: {done.stderr.strip()}")

    def _settings(self) -> str:
        """Return the settings that differ from PostgreSQL's defaults. No socket file: its path has a short limit."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_error_verbosity": "terse",  # the details of an error have the values of the row
        }
        return "".join(f"{name} = '{value}'\n" for name, value in settings.items())
