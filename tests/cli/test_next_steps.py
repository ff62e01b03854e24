"""What the program prints to do next works as it is printed."""

import sys
from pathlib import Path

import pytest

from hoiquy.cli.finished import show_next_steps
from hoiquy.cli.main import main
from hoiquy.messages import language_of
from hoiquy.system import extras
from hoiquy.system.program import program, with_program
from synthetic_runs import write_run


def test_after_a_lab_the_remarks_come_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "is_missing", lambda extra: False)
    show_next_steps(tmp_path / "bai5", "vi", tmp_path)
    shown = capsys.readouterr().err
    command = f"hoiquy report {tmp_path} --out {tmp_path}/report.html"
    assert f"nhận xét của bạn vào {tmp_path}/my-remarks.txt" in shown and command in shown
    assert "pip install" not in shown
    monkeypatch.setattr(extras, "is_missing", lambda extra: True)
    show_next_steps(tmp_path / "bai5", "vi", tmp_path)
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "Word" in line)
    assert line.endswith(f"(cần: {extras.install_command('docx')})")


def test_commands_have_the_path_where_the_environment_is_not_active(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = tmp_path / "my env" / "bin"
    scripts.mkdir(parents=True)
    script = scripts / "hoiquy"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(scripts / "python"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/bin")
    show_next_steps(Path("runs/mine"), "en")
    assert "  'my env/bin/hoiquy' predict runs/mine " in capsys.readouterr().err
    said = "stopped by Ctrl-C; resume with: hoiquy resume a/hoiquy resume"
    assert with_program(said, ["resume"]) == said.replace(
        ": hoiquy resume", ": 'my env/bin/hoiquy' resume"
    )
    monkeypatch.chdir(scripts)
    assert program() == "./hoiquy"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert program() == f"'{script}'"
    monkeypatch.setenv("PATH", str(scripts))
    show_next_steps(Path("runs/mine"), "en")
    assert "\n  hoiquy predict runs/mine " in capsys.readouterr().err


def test_an_error_has_the_command_of_this_installation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    write_run(tmp_path / "bai3")
    with pytest.raises(SystemExit):
        main(["report", str(tmp_path / "bai3"), "--out", str(tmp_path / "a.docx"), "--lang", "vi"])
    assert f"cần python-docx: {extras.install_command('docx')}, hoặc" in capsys.readouterr().err


@pytest.mark.parametrize(("of_environment", "option"), [("en", " --lang vi"), ("vi", "")])
def test_a_report_is_made_again_in_the_language_of_the_lab(
    of_environment: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("HOIQUY_LANG", of_environment)
    with language_of("vi"):
        show_next_steps(tmp_path / "bai5", "vi", tmp_path)
    lines = capsys.readouterr().err.splitlines()
    for name in ("report.html", "report.docx"):
        (line,) = (line for line in lines if f"{name}{option}  " in line)
        assert ("--lang" in line) == bool(option)
