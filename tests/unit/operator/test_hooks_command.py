"""`practio hooks` is the process of the gateway's image, with its options."""

import os
import sys
from importlib import util
from pathlib import Path
from runpy import run_module

import pytest
from typer.testing import CliRunner

from practio_operator.commands import hooks
from practio_operator.console.errors import OperatorError, UsageError
from practio_operator.main import command_line


def test_it_becomes_the_process_with_the_same_options(monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, words: executed.append(words[1:]))
    for options in ([], ["--replay", "intranet", "--trial", "--json"]):
        assert CliRunner().invoke(command_line("hooks"), ["hooks", *options]).exit_code == 0
        assert executed.pop() == ["-m", "practio_gateway", "hooks", *options]


def test_without_a_file_of_hooks_it_says_so_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTIO_HOOKS", str(tmp_path / "none.toml"))
    monkeypatch.setattr(os, "execv", execute_here)
    ended = CliRunner().invoke(command_line("hooks"), ["hooks"], catch_exceptions=False)
    assert ended.exit_code == 1
    assert "PRACTIO_HOOKS" in ended.stderr


def execute_here(_program: str, words: list[str]) -> None:
    """Run a module as a process would, whose start takes longer than many tests."""
    module, *arguments = words[2:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [module, *arguments])
        run_module(module, run_name="__main__")


def test_options_about_dead_letters_need_a_hook() -> None:
    with pytest.raises(UsageError, match="--replay"):
        CliRunner().invoke(command_line("hooks"), ["hooks", "--trial"], catch_exceptions=False, standalone_mode=False)


def test_where_the_gateway_is_not_installed_its_image_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "find_spec", lambda name: util.find_spec(f"{name}_that_is_missing"))
    with pytest.raises(OperatorError, match="practio-gateway"):
        CliRunner().invoke(command_line("hooks"), ["hooks"], catch_exceptions=False, standalone_mode=False)
