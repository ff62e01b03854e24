"""`hoiquy --help`: every command in one section, with a short summary; suggestions for typos."""

import shlex

import click
import pytest

from hoiquy.cli.main import _SECTIONS, _run, cli
from hoiquy.messages import language


def commands(group: click.Group) -> list[click.Command]:
    """The commands of a group and of the groups in it."""
    found = list(group.commands.values())
    return found + [c for g in found if isinstance(g, click.Group) for c in commands(g)]


@pytest.mark.parametrize("command", commands(cli), ids=lambda command: command.name)
def test_summaries_are_one_short_sentence(command: click.Command) -> None:
    summary = command.get_short_help_str(limit=200)
    assert len(summary) < 60 and summary.endswith(".")


@pytest.mark.parametrize("command", commands(cli), ids=lambda command: command.name)
def test_every_option_has_a_help_text(command: click.Command) -> None:
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help, option.name


def test_commands_are_listed_by_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["--help"]) == 0
    shown = capsys.readouterr().out
    names = [command.name for section in _SECTIONS.values() for command in section]
    assert sorted(names) == sorted(cli.commands)
    places = [shown.index(f"\n  {name} ") for name in names]
    assert places == sorted(places)
    assert shown.index("Core commands:") < shown.index("Deployment:")


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [(["trian"], "train"), (["train", "a.csv", "--recipi", "auto", "--out", "b"], "--recipe")],
)
def test_typos_get_a_suggestion(
    arguments: list[str], suggestion: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(arguments) == 2
    error = capsys.readouterr().err
    assert suggestion in error and error.count("\n") == 1


def test_an_unexpected_exception_is_an_internal_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError("no\nluck")

    monkeypatch.setattr(cli, "main", fail)
    assert _run(["train"]) == 1
    error = capsys.readouterr().err
    assert error == "hoiquy: internal error: ZeroDivisionError: no (--debug shows the traceback)\n"


def test_alone_it_shows_the_commands_of_the_first_hour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_chosen", [])
    shown = {}
    for lang in ("en_US.UTF-8", "vi_VN.UTF-8"):
        monkeypatch.setenv("LC_ALL", lang)
        assert _run([]) == 0
        shown[lang[:2]] = capsys.readouterr().out
    lines = [line for line in shown["en"].splitlines() if line.startswith("  hoiquy ")]
    assert [line.split()[1] for line in lines] == ["train", "predict", "report", "serve", "lab"]
    assert max(map(len, lines)) <= 120
    assert "huấn luyện" in shown["vi"] and "hoiquy lab --quick" in shown["vi"]


@pytest.mark.parametrize("number", range(5))
def test_the_first_commands_are_valid(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run([]) == 0
    lines = [one for one in capsys.readouterr().out.splitlines() if one.startswith("  hoiquy ")]
    name, *arguments = shlex.split(lines[number].split("  ")[1])[1:]
    command = cli.commands[name]
    command.make_context(name, list(arguments), resilient_parsing=False)
