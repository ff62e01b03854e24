"""`hoiquy encode` and training from what it leaves; also under a limit that the texts exceed."""

import json
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from command_line import program_after, run_program
from hoiquy.cli.main import main
from own_tables import VIETNAMESE, rows, write_csv

# From what the imports took on, so much more; with texts and tokens of 2 MB in memory, not 64.
SPARE, IN_MEMORY = 110_000_000, 2_000_000
TABLE = 60  # megabytes, which become 100 more as numbers
LIMIT = """
import resource, hoiquy.system.spill_buffer, hoiquy.workflows.encode, pyarrow.compute
hoiquy.system.spill_buffer.MEMORY_BYTES = {in_memory}
line = next(line for line in open('/proc/self/status') if line.startswith('VmData'))
limit = int(line.split()[1]) * 1024 + {spare}
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
"""


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def test_encode_and_train(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(Path("reviews.csv"), rows(30))
    Path("my.toml").write_text(VIETNAMESE)
    encode = ["encode", "reviews.csv", "--recipe", "my.toml", "--out"]
    with patch("hoiquy.workflows.encode.write_store", side_effect=KeyboardInterrupt):
        assert run(*encode, "store") == 130
    error = capfd.readouterr().err.splitlines()[-1]
    assert error.startswith("hoiquy: stopped by Ctrl-C; nothing was saved: start over with: hoiquy")
    assert not list(Path("store").iterdir())

    assert run(*encode, "store", "--lang", "vi") == 0
    shown = capfd.readouterr()
    assert "90 văn bản" in shown.out and "văn bản/giây, store" in shown.out
    assert "văn bản từ 'Bình luận'" in shown.err and "đang đếm từ" in shown.err
    assert run(*encode, "again", "--json", "--quiet") == 0
    shown = capfd.readouterr()
    found = json.loads(shown.out)
    assert shown.err == "" and found["kind"] == "store" and found["seconds"] > 0
    assert sum(part["documents"] for part in found["parts"].values()) == 90
    assert run("verify", "store") == 0
    capfd.readouterr()

    for data in ("reviews.csv", "store"):
        assert run("train", data, "--recipe", "my.toml", "--out", f"of-{data}", "--quiet") == 0
    weights = [Path(f"of-{data}/weights.safetensors").read_bytes() for data in
               ("reviews.csv", "store")]  # fmt: skip
    assert weights[0] == weights[1]
    capfd.readouterr()
    assert run("train", "store", "--recipe", "fast", "--out", "other") == 2
    error = capfd.readouterr().err
    assert "store was encoded with text.normalization = vietnamese" in error
    assert run("predict", "store", "phim hay") == 2
    assert "is a token store, not a run" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere /proc is missing")
@pytest.mark.process
def test_texts_and_tokens_need_not_fit_into_memory(tmp_path: Path, small_recipe: Path) -> None:
    filler = "phim hay " * 140 + "dở tệ quá " * 80
    with (tmp_path / "large.csv").open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        for number in range(TABLE * 1_000_000 // len(filler.encode())):
            file.write(f"{number} {filler},{'ab'[number % 2]}\n")
    encode = ["encode", tmp_path / "large.csv", "--recipe", small_recipe, "--quiet"]
    for name, in_memory in (("in-files", IN_MEMORY), ("in-memory", 10**10)):
        limit = LIMIT.format(in_memory=in_memory, spare=SPARE)
        program = program_after(f"exec({limit!r})")
        # Arrow's own allocator would take whatever a limit leaves; translations take memory, too.
        done = run_program(
            program, *encode, "--out", tmp_path / name,
            HOIQUY_THREADS="1", ARROW_DEFAULT_MEMORY_POOL="system", HOIQUY_LANG="en",
        )  # fmt: skip
        assert (done.returncode == 0) == (name == "in-files"), done.stderr
    assert (tmp_path / "in-files" / "manifest.json").exists()
    assert not list((tmp_path / "in-memory").iterdir())
