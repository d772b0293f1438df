"""One service, or pages, that runs by its own compose file beside the servers of a stack."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.integration.compose.docker_stack import docker

from practio_operator.stack.home import CHECKOUT


@dataclass(frozen=True)
class SinglePart:
    """A Compose project of one part, on another project's network; ``files`` are of the part's own folder."""

    part: str
    network: str
    settings: Mapping[str, str]
    files: tuple[str, ...] = ("compose.yaml",)
    versions: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the URL of its HTTP port."""
        return f"http://127.0.0.1:{self.settings['PRACTIO_HTTP_PORT']}"

    async def up(self, version: str) -> str:
        """Start it at a version, which no other stack has, or upgrade it to that; return the id of its container."""
        self.versions.append(f"{self.network}-{version}")
        await self._compose("up", "--build", "--wait", "--detach")
        return (await self._compose("ps", "--quiet", self.part)).strip()

    async def down(self) -> None:
        """Remove it, and the images of all its versions."""
        await self._compose("down", "--volumes")
        await docker("image", "rm", *(f"practio-{self.part}:{version}" for version in self.versions))

    async def _compose(self, *arguments: str) -> str:
        folder = CHECKOUT / "deploy" / self.part
        files = (part for name in self.files for part in ("--file", str(folder / name)))
        joined = f"networks: {{default: {{name: {self.network}, external: true}}}}"
        return await docker(
            *("compose", "--project-name", f"{self.network}-{self.part}", *files, "--file", "-"),
            *arguments,
            environment={**self.settings, "PRACTIO_VERSION": self.versions[-1]},
            received=joined,
        )
