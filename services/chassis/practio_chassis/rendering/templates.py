"""Templates as Python, compiled once for the environments of all languages (extra ``i18n``)."""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledOnce(BytecodeCache):
    """Shares compiled templates, in memory, among environments that differ in their translations alone."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of this template, unless its text has changed."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of this template."""
        if bucket.code is not None:
            self._compiled[bucket.key, bucket.checksum] = bucket.code
