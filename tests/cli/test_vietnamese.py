"""Where the language is Vietnamese, help, notes, results and errors are Vietnamese."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from command_line import call_hoiquy, only_line_of_error
from hoiquy.cli.log_lines import log_handler
from hoiquy.cli.main import _SECTIONS, cli
from hoiquy.messages import language, translated
from hoiquy.messages.sentences import _as_whole

# Words of English sentences that are no Vietnamese syllables.
ENGLISH = re.compile(r"\b(the|of|with|and|for|from|is|are|this|that|it|not|or|was|has)\b", re.I)
VIETNAMESE = {"LANG": "vi_VN.UTF-8"}


def english_in(shown: str) -> list[str]:
    """The lines with English words that are not in paths, options or quotation marks."""
    lines = re.sub(r"`[^`]*`|'[^']*'|\S*/\S*|--\S+", "", shown).splitlines()
    return [line for line in lines if ENGLISH.search(line)]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = list(commands(cli))


@pytest.mark.parametrize("path", [(), *COMMANDS], ids=" ".join)
def test_help_is_vietnamese(path: tuple[str, ...]) -> None:
    shown = call_hoiquy(*path, "--help", **VIETNAMESE).stdout
    assert shown.startswith("Cách dùng: hoiquy")
    assert english_in(shown.partition("Ví dụ:")[0]) == []
    assert "Options" not in shown and "[default" not in shown and "[required" not in shown


def texts_of(command: click.Command) -> list[str]:
    """All sentences of the help of a command: paragraphs and options."""
    paragraphs = (command.help or "").split("\n\n")
    options = [one.help or "" for one in command.params if isinstance(one, click.Option)]
    return [" ".join(text.split()) for text in paragraphs + options]


def test_no_sentence_of_the_help_is_left_in_english() -> None:
    found: list[click.Command] = [cli]
    for command in found:
        found += list(getattr(command, "commands", {}).values())
    texts = {text.partition(" [default")[0] for command in found for text in texts_of(command)}
    texts |= {command.get_short_help_str(limit=60) for command in found} | set(_SECTIONS)
    assert [text for text in sorted(texts) if _as_whole(text, 0) is None] == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_summaries_fit_one_line(command: tuple[str, ...]) -> None:
    one: click.Command = cli
    for name in command:
        assert isinstance(one, click.Group)
        one = one.commands[name]
    assert len(translated(one.get_short_help_str(limit=60), "vi")) < 60


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bảng") / "reviews.csv"
    lines = [
        f"word{at % 7} word{at % 5} {'mango,pos' if at % 2 else 'lemon,neg'}" for at in range(60)
    ]
    path.write_text("review,label\n" + "\n".join(lines) + "\n")
    return path


ERRORS = {
    "trian": "Không có lệnh 'trian'. Ý bạn là 'train'?",
    "train": "Thiếu đối số 'DATA'. (xem hoiquy train --help)",
    "train TABLE": "Thiếu tùy chọn '--out'.",
    "train TABLE --minutess 5 --out OUT": "Không có tùy chọn '--minutess'.",
    "train TABLE --minutes x --out OUT": "Giá trị sai cho '--minutes': 'x' không phải một số.",
    "train TABLE --engine torch --out OUT": "không phải một trong 'hoiquy', 'keras'",
    "train TABEL --out OUT": "cũng không có tệp hay thư mục nào tên như vậy; ý bạn là",
    "train TABLE --text reveiw --out OUT": "không có cột 'reveiw' cho --text; các cột của bảng là",
    "train TABLE --recipe bai33 --out OUT": "không có công thức 'bai33' (ý bạn là 'bai3'?); các",
    "train TABLE --recipe bai3 --set training.epoch=5 --out OUT": "không có khóa 'epoch' trong",
    "train TABLE --recipe bai3 --set training.epochs=0 --out OUT": "phải lớn hơn hoặc bằng 1",
    "train TABLE --workers 2 --out OUT": "--workers 2 cần --ray",
    "train TABLE --recipe bai3 --out FULL": "đã tồn tại và không rỗng: hãy chọn --out khác",
    "train BAD --out OUT": "1 trong 3 dòng không dùng được: dòng 4: 1 cột, cần 2; hãy sửa",
    "train ONE --out OUT": "mọi dòng đều có nhãn 'neg' trong 'label', cần ít nhất hai lớp",
    "train EMPTY --out OUT": "rỗng",
    "predict OUT word": "không có thư mục huấn luyện",
    "predict TABLE word": "là một tệp, không phải thư mục huấn luyện",
    "report": "Thiếu đối số 'RUN|FOLDER…'.",
    "report OUT": "không có thư mục huấn luyện",
    "serve OUT": "không có thư mục này",
    "serve FOLDER --host 0.0.0.0": "mở cho các máy khác: hãy đặt HOIQUY_API_KEY",
    "lab --only bai9": "--only 'bai9' (ý bạn là 'bai5'?): cần một trong bai1",
    "compare": "hãy nêu các lần huấn luyện hoặc thư mục chứa chúng",
}


@pytest.mark.parametrize("line", ERRORS)
def test_usual_errors_are_vietnamese(line: str, table: Path, tmp_path: Path) -> None:
    places = {
        "TABLE": table, "TABEL": table.with_name("review.csv"), "OUT": tmp_path / "run",
        "BAD": tmp_path / "bad.csv", "ONE": tmp_path / "one.csv", "EMPTY": tmp_path / "empty.csv",
        "FOLDER": tmp_path, "FULL": table.parent,
    }  # fmt: skip
    places["BAD"].write_text("text,label\ngood,pos\nbad,neg\nworse\n")
    places["ONE"].write_text("text,label\n" + "".join(f"text {at},neg\n" for at in range(30)))
    places["EMPTY"].write_text("")
    arguments = [str(places.get(word, word)) for word in line.split()]
    ended = call_hoiquy(*arguments, **VIETNAMESE)
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("hoiquy: ") and ERRORS[line] in last
    assert english_in(ended.stderr) == [] and not ended.stdout


def test_the_language_may_be_an_option_or_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_chosen", [])
    english = only_line_of_error(call_hoiquy("train"), 2)
    assert english == "hoiquy: Missing argument 'DATA'. (see hoiquy train --help)"
    for call in (
        call_hoiquy("train", "--lang", "vi"),
        call_hoiquy("train", "--lang=vi"),
        call_hoiquy("train", HOIQUY_LANG="vi"),
    ):
        assert "Thiếu đối số" in only_line_of_error(call, 2)
    assert "Missing" in only_line_of_error(call_hoiquy("train", "--lang", "en", **VIETNAMESE), 2)
    assert language.default_language() == "en"  # the option counts for its own command


def test_a_session_is_vietnamese(table: Path, small_recipe: Path, tmp_path: Path) -> None:
    run, other = tmp_path / "runs" / "one", tmp_path / "runs" / "two"
    shown = ""
    for arguments in (
        ("train", table, "--recipe", small_recipe, "--out", run),
        ("train", table, "--recipe", small_recipe, "--set", "training.seed=9", "--out", other),
        ("predict", run, "a fine film"),
        ("predict", run, "--explain", "a fine film"),
        ("predict", run, table),
        ("evaluate", run, table),
        ("report", run, "--out", tmp_path / "report.md"),
        ("compare", run, other, "--out", tmp_path / "comparison"),
        ("data", "info", table),
        ("data", "list"),
        ("recipes", "list"),
        ("verify", run),
    ):
        ended = call_hoiquy(*arguments, **VIETNAMESE)
        assert ended.returncode == 0, ended.stderr
        shown += ended.stdout + ended.stderr
    assert "văn bản từ 'review', 2 lớp từ 'label'" in shown
    assert english_in(shown.replace("a fine film", "")) == []
    for written in ("report.md", "comparison/comparison.md"):
        assert "held out" not in (tmp_path / written).read_text("utf-8")


def test_the_log_of_the_service_is_vietnamese(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_chosen", ["vi"])
    log_handler().handle(logging.LogRecord("a", logging.INFO, "", 0, "loaded %s", ("gru",), None))
    assert capsys.readouterr().err.endswith("INFO đã nạp gru\n")
