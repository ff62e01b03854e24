"""Refuse a training that does not fit into memory, with advice on settings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from hoiquy.errors import InputError, RecipeError
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.shards import default_threads
from hoiquy.recipe.layer_tables import RecurrentLayer
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.available_memory import (
    CGROUPS,
    PROC,
    address_space_left,
    address_space_limit,
    available_memory,
)
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.memory_estimate import estimate_memory

CERTAIN = 0.8  # share of the estimate to refuse by; estimates were 0.8 to 1.3 times the measured
# Measured address space beyond memory: mapped code, and each thread's stack and malloc arena.
MAPPED_BYTES, MAPPED_BYTES_OF_A_THREAD = 145_000_000, 35_000_000
WORKER_BYTES = 120_000_000  # of a Ray actor without weights, measured
COMPILER_BYTES = 700_000_000  # of the processes that compile kernels, at most, measured
WORTH_NAMING = 0.1  # share of the estimate that a setting must save to be advised
NAMED = 3

Needed = Callable[[Recipe, int], int]  # bytes, of a recipe on so many threads


def check_memory(
    recipe: Recipe,
    prepared: Prepared,
    threads: int | None = None,
    *,
    workers: int = 0,
    proc: Path = PROC,
    cgroups: Path = CGROUPS,
    limit: int | None = None,
) -> None:
    """Raise InputError if a training with hoiquy's engine needs far more memory than is free.

    Where the free memory is unknown, nothing is refused.

    Args:
        recipe: to train.
        prepared: its documents.
        threads: by default those of the process.
        workers: on this machine, which share the threads.
        proc: /proc.
        cgroups: /sys/fs/cgroup.
        limit: bytes of address space of each process; by default the one that is set.
    """
    threads, needed = threads or default_threads(), _needed(prepared, workers)
    needs = needed(recipe, threads)
    limit = address_space_limit() if limit is None else limit
    if limit is not None:
        space = needs // (1 + workers) + MAPPED_BYTES + threads * MAPPED_BYTES_OF_A_THREAD
        left = address_space_left(limit, proc)
        if left is not None and CERTAIN * space > left:
            raise InputError(
                f"this training needs about {_amount(space)} more address space, and "
                f"{_amount(left)} are free under the limit of {_amount(limit)} (ulimit -v): raise "
                f"it, or try {_advice(needed, recipe, threads)}"
            )
    free = available_memory(proc, cgroups)
    if free is not None and free < CERTAIN * needs <= free + COMPILER_BYTES:
        finish_compiling()  # which frees its memory
        free = available_memory(proc, cgroups)
    if free is not None and CERTAIN * needs > free:
        raise InputError(
            f"this training needs about {_amount(needs)} more memory, and {_amount(free)} are "
            f"free here: try {_advice(needed, recipe, threads)}"
        )


def _needed(prepared: Prepared, workers: int) -> Needed:
    kernels, words = kernel_kind(np.float32), len(prepared.vocabulary.words)
    ngrams = len(prepared.vocabulary.ngrams or ())

    def needed(recipe: Recipe, threads: int) -> int:
        each = max(1, threads // max(1, workers))
        one = estimate_memory(recipe, words, prepared.classes, each, kernels, ngrams).total
        # The coordinator computes no gradients: its part of them is in Ray's store.
        return (1 + workers) * one + workers * WORKER_BYTES

    return needed


def _advice(needed: Needed, recipe: Recipe, threads: int) -> str:
    """The settings whose halving saves most, as "smaller values of X (now 3) or Y (now 4)"."""
    needs = needed(recipe, threads)
    saved: dict[str, int] = {}
    for name, smaller, fewer in _halved(recipe, threads):
        try:
            saved[name] = needs - needed(smaller, fewer)
        except RecipeError:  # an embedding with too few rows for its words
            continue
    best = sorted(saved, key=lambda name: -saved[name])
    worth = [name for name in best if saved[name] >= WORTH_NAMING * needs] or best
    *others, last = worth[:NAMED]
    return f"smaller values of {', '.join(others)}{' or ' if others else ''}{last}"


def _halved(recipe: Recipe, threads: int) -> Iterator[tuple[str, Recipe, int]]:
    """Each setting that takes memory: name and value, recipe and threads with half of it."""
    for key, value, least in (
        ("training.batch_size", recipe.training.batch_size, 1),
        ("data.max_length", recipe.data.max_length, 1),
        ("text.num_words", recipe.text.num_words, 4),
    ):
        smaller = recipe.with_settings([f"{key}={max(value // 2, least)}"])
        yield f"{key} (now {value})", smaller, threads
    units = {
        f"model.layers.{position}.units": layer.units
        for position, layer in enumerate(recipe.model.layers)
        if layer.type == "embedding" or isinstance(layer, RecurrentLayer)
    }
    if units:
        halves = [f"{key}={max(value // 2, 1)}" for key, value in units.items()]
        values = ", ".join(map(str, units.values()))
        yield f"units (now {values})", recipe.with_settings(halves), threads
    yield f"HOIQUY_THREADS (now {threads})", recipe, max(threads // 2, 1)


def _amount(size: int) -> str:
    """Bytes for people: 5.2 GB, 340 MB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
