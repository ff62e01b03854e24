"""What Ray answers to Parquet files is what one process answers, in its order."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hoiquy
from hoiquy.cli.main import main
from hoiquy.prediction import on_ray as bulk_prediction
from hoiquy.recipe.recipe import parse_recipe
from hoiquy.training.ray.session import Session
from own_tables import VIETNAMESE, rows

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray Data, of itself


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    hoiquy.train(rows(40), parse_recipe(VIETNAMESE, "test"), folder)
    return folder


def write(path: Path, documents: int, seed: int, group: int = 50) -> None:
    path.parent.mkdir(exist_ok=True)
    texts = [text for text, _ in rows(documents // 3 + 1, seed=seed)][:documents]
    table = pa.table({"id": list(range(documents)), "text": pa.array(texts, pa.string())})
    pq.write_table(table, path, row_group_size=group)


def exit_code(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(map(str, arguments)))
    assert isinstance(end.value.code, int)
    return end.value.code


def predict(run: Path, source: Path, out: Path, *more: str) -> pa.Table:
    assert exit_code("predict", run, "--file", source, "--out", out, *more) == 0
    return pq.read_table(out) if out.is_file() else None


def test_a_folder_is_answered_as_its_files_are_alone(
    ray_here: Session, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_prediction, "_ROWS", 64)  # many parts, across groups of rows
    source = tmp_path / "texts"
    for name, documents in (("b", 301), ("a", 40), ("c", 1), ("d", 0)):
        write(source / f"{name}.parquet", documents, seed=ord(name))
    (source / "_SUCCESS").touch()
    predict(run, source, tmp_path / "answers", "--ray", "auto")
    assert sorted(path.name for path in (tmp_path / "answers").iterdir()) == [
        f"{name}.parquet" for name in "abcd"
    ]
    for name in "abc":
        alone = predict(run, source / f"{name}.parquet", tmp_path / f"{name}.parquet")
        alone = alone.drop_columns("id")  # on Ray, other columns are not kept
        spread = pq.read_table(tmp_path / "answers" / f"{name}.parquet")
        assert spread.schema == alone.schema
        assert spread.equals(alone)
    nothing = pq.read_table(tmp_path / "answers" / "d.parquet")
    assert nothing.schema == alone.schema and len(nothing) == 0


def test_bad_rows_are_told_as_without_ray(
    ray_here: Session, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    texts = ["phim hay", None, "dở tệ"]
    pq.write_table(pa.table({"text": pa.array(texts, pa.string())}), source)
    command = ["predict", str(run), "--file", str(source), "--out", str(out)]
    errors = []
    for ray in ([], ["--ray", "auto"]):
        assert exit_code(*command, *ray) == 2
        errors.append(capsys.readouterr().err.splitlines()[-1])
    assert errors[0] == errors[1] and "line 2: no text in 'text'" in errors[0]
    assert not out.exists()
    kept = predict(run, source, out, "--ray", "auto", "--skip-bad-rows")
    assert kept.column("line").to_pylist() == [1, 3]
    assert "1 bad rows left out" in capsys.readouterr().err


def test_what_ray_does_not_answer(
    needs_ray: None, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "in" / "a.parquet", 3, seed=1)
    (tmp_path / "empty").mkdir()
    write(tmp_path / "full" / "a.parquet", 3, seed=1)
    (tmp_path / "texts.csv").write_text("text\nphim\n")
    for source, out, said in (
        ("in", "full", "is not empty: choose another --out"),
        ("empty", "out", "holds no Parquet files"),
        ("texts.csv", "out.parquet", "--ray reads Parquet, a file or a folder of them"),
        ("nowhere", "out", "nowhere: no such file or folder"),
    ):
        where = ["--file", str(tmp_path / source), "--out", str(tmp_path / out)]
        assert exit_code("predict", run, *where, "--ray", "auto") == 2
        assert said in capsys.readouterr().err
    asked = ["predict", run, "--file", tmp_path / "in" / "a.parquet", "--ray", "auto", "--out"]
    for more in (["answers.csv"], ["answers"], ["a.parquet", "--format", "jsonl"]):
        assert exit_code(*asked, *more) == 2
        assert "--ray writes Parquet" in capsys.readouterr().err
    assert exit_code("predict", run, "text", "--ray", "auto") == 2
    assert "--ray requires --file" in capsys.readouterr().err
