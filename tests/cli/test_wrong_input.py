"""Wrong input is met with one clear line and exit code 2, never a traceback."""

from pathlib import Path

import pytest

from command_line import call_hoiquy, only_line_of_error


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["train", "imdb-train", "--recipe", "bai33", "--out", "OUT"], ["'bai33'", "'bai3'"]),
        (["train", "imbd", "--recipe", "bai3", "--out", "OUT"], ["'imbd'", "'imdb'"]),
        (["train", "no/such/folder", "--recipe", "bai3", "--out", "OUT"], ["no/such/folder"]),
        (
            ["train", "rotten", "--recipe", "bai3", "--set", "training.epochs=-1", "--out", "OUT"],
            ["training.epochs", "-1", "1"],
        ),
        (
            ["train", "rotten", "--recipe", "bai3", "--set", "training.epoch=1", "--out", "OUT"],
            ["'epoch'", "'epochs'"],
        ),
        (
            ["train", "rotten", "--recipe", "bai3", "--engine", "x", "--out", "OUT"],
            ["'x'", "keras"],
        ),
        (["train", "rotten", "--recipe", "bai3"], ["--out"]),
        (["lab", "--only", "bai7"], ["'bai7'", "bai5"]),
        (["lab", "--seeds", "0"], ["--seeds", "0"]),
        (["recipes", "show", "bai6"], ["'bai6'", "bai5"]),
        (["data", "info", "imbd"], ["'imbd'"]),
        (["data", "fetch", "imbd"], ["'imbd'"]),
        (["evaluate", "no-run", "rotten"], ["no-run"]),
        (["trian"], ["trian", "Did you mean 'train'?"]),
        (["train", "rotten", "--minute", "1"], ["'--minute'", "Did you mean '--minutes'?"]),
        (["train", "rotten", "--minutes", "one"], ["'--minutes': 'one' is not a number."]),
        (["lab", "--seeds", "two"], ["'--seeds': 'two' is not a whole number."]),
    ],
)
def test_one_line_that_names_the_value(
    arguments: list[str], names: list[str], tmp_path: Path
) -> None:
    arguments = [str(tmp_path / "out") if word == "OUT" else word for word in arguments]
    line = only_line_of_error(call_hoiquy(*arguments), 2)
    for name in names:
        assert name in line


def test_broken_toml(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("name = [")
    result = call_hoiquy("train", "rotten", "--recipe", broken, "--out", tmp_path / "run")
    line = only_line_of_error(result, 2)
    assert str(broken) in line
    assert "TOML" in line


@pytest.mark.parametrize("emptied", ["train/pos", "test/neg"])
def test_a_class_without_documents(
    emptied: str, reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "aclImdb"
    for folder in ("train/neg", "train/pos", "test/neg", "test/pos"):
        (tree / folder).mkdir(parents=True)
        if folder != emptied:
            (tree / folder / "0_7.txt").write_text("word " + folder)
    result = call_hoiquy("train", tree, "--recipe", small_recipe, "--out", tmp_path / "run")
    assert emptied.split("/")[1] in only_line_of_error(result, 2)


def test_empty_folder_and_empty_archive(small_recipe: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    archive = tmp_path / "aclImdb_v1.tar.gz"
    archive.write_bytes(b"")
    for data in (empty, archive):
        result = call_hoiquy("train", data, "--recipe", small_recipe, "--out", tmp_path / "run")
        assert str(data.name) in only_line_of_error(result, 2)


def test_wrong_environment_variables(small_recipe: Path, reviews: Path, tmp_path: Path) -> None:
    arguments = ("train", reviews, "--recipe", small_recipe, "--quiet", "--out")
    for number, (name, value) in enumerate(
        [("HOIQUY_THREADS", "many"), ("HOIQUY_KERNELS", "quick")]
    ):
        result = call_hoiquy(*arguments, tmp_path / str(number), **{name: value})
        line = only_line_of_error(result, 2)
        assert name in line
        assert value in line


def test_debug_shows_the_traceback() -> None:
    result = call_hoiquy("--debug", "recipes", "show", "bai6")
    assert result.returncode == 2
    assert "Traceback" in result.stderr


@pytest.mark.parametrize("out", ["run", "runs/run", "runs/deep/run"])
@pytest.mark.parametrize(
    "command", [["train", "nowhere.csv"], ["pretrain", "nowhere.csv"], ["train", "empty.csv"]]
)
def test_an_early_error_leaves_no_folder_behind(
    command: list[str], out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.csv").touch()
    only_line_of_error(call_hoiquy(*command, "--out", out), 2)
    assert [path.name for path in tmp_path.iterdir()] == ["empty.csv"]


def test_an_early_error_keeps_the_folders_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    only_line_of_error(call_hoiquy("train", "nowhere.csv", "--out", "runs/a/b"), 2)
    assert Path("runs").is_dir() and not list(Path("runs").iterdir())


def test_near_names_of_files_are_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for name in ("reviews.csv", "data/test.csv"):
        Path(name).write_text("text,label\ngood,pos\nbad,neg\n")
    cases = [
        (["train", "revews.csv", "--out", "run"], "'reviews.csv'"),
        (["train", "reviews.csv", "--test", "data/tset.csv", "--out", "run"], "'data/test.csv'"),
        (["predict", "revews.csv", "a text"], "'reviews.csv'"),
    ]
    for arguments, near in cases:
        assert f"did you mean {near}?" in only_line_of_error(call_hoiquy(*arguments), 2)
    line = only_line_of_error(call_hoiquy("train", "data", "--out", "run"), 2)
    assert "it holds tables (test.csv)" in line
