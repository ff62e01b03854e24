"""What a training will need is foreseen, and it is refused only where that is out of reach."""

import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from hoiquy.errors import InputError
from hoiquy.nn.kernels.select import Kind
from hoiquy.recipe.recipe import Recipe, load_recipe, recipe_names
from hoiquy.runs.arrays import dump_arrays
from hoiquy.training import memory_check
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import fit
from hoiquy.training.memory_check import check_memory
from hoiquy.training.memory_estimate import LIBRARY_BYTES, MemoryEstimate, estimate_memory
from hoiquy.training.model_building import build_model
from hoiquy.training.state import TrainingState
from miniatures import LAB, prepared

WORDS = 88_584
KINDS: tuple[Kind, ...] = ("fast", "plain")


def estimate(name: str, *settings: str, threads: int = 2, kernels: Kind = "fast") -> MemoryEstimate:
    recipe = load_recipe(name).with_settings(settings)
    return estimate_memory(recipe, WORDS, 2, threads, kernels)


@pytest.mark.parametrize("kernels", KINDS)
@pytest.mark.parametrize("name", LAB)
def test_it_grows_with_whatever_takes_memory(name: str, kernels: Kind) -> None:
    layers = load_recipe(name).model.layers
    units = [
        f"model.layers.{position}.units=400"
        for position, layer in enumerate(layers)
        if getattr(layer, "units", None) == 200
    ]
    # With a thread for each shard: the rows of one depend on the work.
    base = estimate(name, threads=16, kernels=kernels).total
    assert estimate(name, "data.max_length=400", threads=16, kernels=kernels).total > base
    assert estimate(name, *units, threads=16, kernels=kernels).total > base
    assert estimate(name, threads=2, kernels=kernels).total < base
    assert estimate(name, "training.batch_size=16", threads=16, kernels=kernels).total < base
    assert estimate(name, "training.batch_size=512", threads=16, kernels=kernels).total > base
    if layers[0].type == "embedding":
        assert estimate(name, "text.num_words=40000", threads=16, kernels=kernels).total > base


def test_work_grows_in_a_line_with_threads_and_length() -> None:
    large = ("model.layers.0.units=800", "model.layers.1.units=800")  # 16 shards
    one, two, all_shards, more = (
        estimate("bai2", *large, threads=threads).work for threads in (1, 2, 16, 32)
    )
    assert (two, all_shards, more) == (2 * one, 16 * one, 16 * one)
    longer = estimate("bai2", *large, "data.max_length=400").work
    assert longer == pytest.approx(2 * two, rel=0.01)


@pytest.mark.parametrize("name", recipe_names())
def test_the_weights_are_those_of_the_model(name: str) -> None:
    model = build_model(load_recipe(name), vocabulary_size=WORDS, classes=2, seed=1)
    weights = sum(array.nbytes for array in model.parameters.values())
    rates = model.wide.parameters["weights"].nbytes if model.wide else 0  # one for each weight
    last = estimate(name, "training.early_stopping.restore_best=false")
    assert (last.weights, last.saving) == (3 * weights + rates, 6 * weights)
    best = estimate(name, "training.early_stopping.restore_best=true")
    assert best.weights == 4 * weights + rates


def test_gradients_wait_for_their_turn_but_not_all_of_them() -> None:
    """Shards are added while others are computed: more of them need hardly more memory."""

    def gradients(batch: int) -> int:
        return estimate("bai4", f"training.batch_size={batch}").gradients

    assert gradients(32) < gradients(64) < gradients(128)
    assert gradients(1024) < gradients(4096) < 1.3 * gradients(1024)


@pytest.mark.parametrize("kernels", KINDS)
@pytest.mark.parametrize("name", LAB)
def test_a_real_training_takes_what_was_foreseen(
    name: str, kernels: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what Python and NumPy take of the system: code that is read into memory aside."""
    monkeypatch.setenv("HOIQUY_KERNELS", kernels)
    recipe = load_recipe(name).with_settings(
        ["data.max_length=64", "training.epochs=1", "training.batch_size=64", "text.num_words=60"]
    )
    documents = prepared(recipe, documents=150)
    fit(recipe, documents, threads=1)  # what is compiled or imported is not meant

    def save(state: TrainingState) -> None:
        dump_arrays(state.arrays())

    tracemalloc.start()
    try:
        fit(recipe, documents, FitCallbacks(after_step=save), threads=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    words = len(documents.vocabulary.words)
    foreseen = estimate_memory(recipe, words, documents.classes, 1, kernels).total - LIBRARY_BYTES
    # Fast kernels take powers of two, of which pages are free, and keep the blocks of the warm-up.
    assert 0.5 < foreseen / peak < 1.6


def system(folder: Path, free: int, address_space: int = 1_600_000_000) -> dict[str, Path]:
    """A machine that says how much is free, and how much address space this process has."""
    (folder / "self").mkdir(exist_ok=True)
    (folder / "meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable: {free // 1024} kB\n")
    (folder / "self" / "status").write_text(f"VmSize:\t{address_space // 1024} kB\n")
    return {"proc": folder, "cgroups": folder / "no groups"}


def big(*settings: str) -> Recipe:
    return load_recipe("bai4").with_settings(["model.layers.2.units=4000", *settings])


def refusal(recipe: Recipe, threads: int = 2, **given: Any) -> str:
    """The one line that refuses it; the documents are few and small."""
    with pytest.raises(InputError) as caught:
        check_memory(recipe, prepared(recipe), threads, **given)
    assert caught.value.exit_code == 2
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_the_refusal_names_what_it_needs_what_there_is_and_the_way_out(tmp_path: Path) -> None:
    line = refusal(big(), **system(tmp_path, 3_000_000_000))
    found = re.search(r"needs about (\d+\.\d) GB more memory, and 3\.0 GB are free here", line)
    assert found and 3.75 < float(found[1]) < 8
    assert "units (now 128, 4000, 64)" in line
    assert "text.num_words" not in line  # the words are few: it would not help


@pytest.mark.parametrize(
    ("recipe", "settings", "threads", "best"),
    [
        ("bai1", ["data.max_length=20000"], 1, "data.max_length (now 20000)"),
        ("bai3", ["training.batch_size=128"], 64, "training.batch_size (now 128)"),
        ("bai2", ["training.batch_size=96"], 2, "HOIQUY_THREADS (now 2)"),
    ],
)
def test_the_way_out_is_one_that_helps(
    recipe: str, settings: list[str], threads: int, best: str, tmp_path: Path
) -> None:
    line = refusal(load_recipe(recipe).with_settings(settings), threads, **system(tmp_path, 10**6))
    assert best in line.partition("smaller values of ")[2]


def test_the_refusal_for_lack_of_address_space(tmp_path: Path) -> None:
    line = refusal(big(), **system(tmp_path, 30_000_000_000), limit=4_000_000_000)
    assert "address space, and 2.4 GB are free under the limit of 4.0 GB (ulimit -v)" in line
    assert "units" in line


def test_what_fits_or_nearly_fits_is_not_refused(tmp_path: Path) -> None:
    recipe = big()
    documents = prepared(recipe)
    needs = float(re.findall(r"about (\S+) GB", refusal(recipe, **system(tmp_path, 10**6)))[0])
    for share in (0.9, 1.5):
        check_memory(recipe, documents, 2, **system(tmp_path, int(share * needs * 1e9)))
    with pytest.raises(InputError):
        check_memory(recipe, documents, 2, **system(tmp_path, int(0.7 * needs * 1e9)))
    check_memory(recipe, documents, 2, **system(tmp_path, 10**11), limit=10**11)


def test_each_worker_on_the_machine_needs_memory(tmp_path: Path) -> None:
    recipe = big()
    documents = prepared(recipe)
    needs = float(re.findall(r"about (\S+) GB", refusal(recipe, **system(tmp_path, 10**6)))[0])
    enough_for_one = system(tmp_path, int(1.1 * needs * 1e9))
    check_memory(recipe, documents, 2, **enough_for_one)
    with pytest.raises(InputError):
        check_memory(recipe, documents, 2, workers=1, **enough_for_one)


def test_nothing_is_refused_where_nobody_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_check, "available_memory", lambda *places: None)
    monkeypatch.setattr(memory_check, "address_space_left", lambda *given: None)
    recipe = big()
    check_memory(recipe, prepared(recipe), 2)


def test_a_compiler_at_work_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it takes is free again before the training begins."""
    recipe = big("model.layers.2.units=2000")
    needs = float(re.findall(r"about (\S+) GB", refusal(recipe, **system(tmp_path, 10**6)))[0])
    free = int(0.75 * needs * 1e9)

    def end() -> None:
        system(tmp_path, free + 400_000_000)

    monkeypatch.setattr(memory_check, "finish_compiling", end)
    check_memory(recipe, prepared(recipe), 2, **system(tmp_path, free))
