"""Compiled templates that are kept from run to run, as Python keeps its bytecode: to compile them takes seconds."""

from hashlib import sha256
from pathlib import Path

import jinja2
import pytest
from jinja2.bccache import Bucket

from practio_chassis.rendering.templates import CompiledOnce

FOLDER = Path(__file__).parents[2] / ".pytest_cache" / "templates"


def keep_compiled(patch: pytest.MonkeyPatch, folder: Path = FOLDER) -> None:
    """Let templates be read as they were compiled by an earlier run, unless they or how they are compiled changed."""
    load, dump = CompiledOnce.load_bytecode, CompiledOnce.dump_bytecode

    def load_kept(cache: CompiledOnce, bucket: Bucket) -> None:
        load(cache, bucket)
        if bucket.code is None and _is_of_a_service(bucket) and (kept := _place(folder, bucket)).exists():
            bucket.bytecode_from_string(kept.read_bytes())
            dump(cache, bucket)

    def dump_and_keep(cache: CompiledOnce, bucket: Bucket) -> None:
        dump(cache, bucket)
        if not _is_of_a_service(bucket):
            return
        folder.mkdir(parents=True, exist_ok=True)
        kept = _place(folder, bucket)
        written = kept.with_suffix(f".{id(bucket)}")
        written.write_bytes(bucket.bytecode_to_string())
        written.replace(kept)

    patch.setattr(CompiledOnce, "load_bytecode", load_kept)
    patch.setattr(CompiledOnce, "dump_bytecode", dump_and_keep)


def _is_of_a_service(bucket: Bucket) -> bool:
    """Return whether a template is a file of a service; tests of templates have some of their own."""
    return isinstance(bucket.environment.loader, jinja2.PackageLoader)


def _place(folder: Path, bucket: Bucket) -> Path:
    """Return the file of a template that is compiled for an environment like that of the bucket."""
    made_for = bucket.environment
    how = (
        jinja2.__version__,
        made_for.autoescape,
        made_for.trim_blocks,
        made_for.lstrip_blocks,
        made_for.undefined.__name__,
        sorted(made_for.extensions),
        sorted(made_for.policies.items(), key=repr),
        sorted(made_for.filters),
    )
    return folder / sha256(repr((bucket.key, bucket.checksum, how)).encode()).hexdigest()[:32]
