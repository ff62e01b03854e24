"""`Model.to_run`: a trained model of word indices becomes a run folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.errors import InputError, RecipeError
from hoiquy.interop.keras.output import one_output_per_class
from hoiquy.keras import losses
from hoiquy.keras.errors import KerasError
from hoiquy.keras.run_texts import RunTexts, run_texts
from hoiquy.keras.run_training import history_records, training_table
from hoiquy.nn.graph import Node
from hoiquy.nn.kernels import Array, kernel_kind
from hoiquy.nn.layers import Activation, Dense, Embedding, Softmax
from hoiquy.nn.model import Model as NNModel
from hoiquy.nn.shards import default_threads
from hoiquy.nn.summary import model_summary
from hoiquy.recipe.from_graph import Tables, chain_tables, flat_nodes, graph_tables
from hoiquy.recipe.recipe import Recipe, validate_recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.command_line import command_line
from hoiquy.runs.environment import describe_environment
from hoiquy.runs.files import Cost, Result
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.runs.new_folder import new_run_folder
from hoiquy.system.atomic_write import atomic_folder
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.training.early_stopping import best_epoch
from hoiquy.training.model_building import build_model, layer_names

ENGINE = "hoiquy.keras"
_SIDES = {"pre": "left", "post": "right"}


@dataclass(frozen=True)
class RunSettings:
    """The arguments of `to_run`, checked."""

    texts: RunTexts
    classes: tuple[str, ...]
    max_length: int
    padding: str
    truncating: str
    multilabel: bool


def to_run(
    model: Any,
    folder: str | Path,
    *,
    tokenizer: Any = None,
    classes: Sequence[str] = (),
    max_length: int | None = None,
    padding: str = "pre",
    truncating: str = "pre",
    multilabel: bool = False,
) -> Run:
    """Write a run folder; see `Model.to_run`."""
    nodes = _nodes(model)
    of_embeddings = [n.layer.input_dim for n in nodes if isinstance(n.layer, Embedding)]
    rows = min(of_embeddings, default=None)
    length = _length(model, max_length)
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in _SIDES:
            raise KerasError(f"to_run: {name}={side!r}, expected 'pre' or 'post'")
    try:
        nodes, output = _output(model, nodes)
    except InputError as error:
        raise KerasError(str(error)) from error
    names = tuple(classes) or _default_classes(tokenizer, output.classes)
    if len(names) != output.classes or len(set(names)) < len(names):
        raise KerasError(
            f"to_run: classes={list(classes)}, expected {output.classes} different names, one for "
            f"each class: {model.name} has {output.classes}"
        )
    settings = RunSettings(
        run_texts(tokenizer, rows), names, length, _SIDES[padding], _SIDES[truncating], multilabel
    )
    if multilabel and (output.activation != "sigmoid" or output.note):
        raise KerasError("to_run: multilabel=True needs a last layer of two or more sigmoids")
    return _write(model, nodes, output, settings, Path(folder))


@dataclass(frozen=True)
class _Output:
    """The last layer, with one unit for each class."""

    activation: str
    classes: int
    arrays: dict[str, Array]
    note: str


def _nodes(model: Any) -> list[Node]:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise KerasError(
            f"to_run: {model.name} has {len(model.inputs)} inputs and {len(model.outputs)} "
            f"outputs, expected one input of word indices and one output of class scores"
        )
    try:
        return flat_nodes(model.graph)
    except InputError as error:
        raise KerasError(f"to_run: {model.name}: {error}") from error


def _length(model: Any, max_length: int | None) -> int:
    shape = model.inputs[0].shape
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 1):
        raise KerasError(
            f"to_run: {model.name} takes an input of shape {shape}, expected (batch, words) or "
            f"(batch, words, 1)"
        )
    known = shape[1]
    if known is None and max_length is None:
        raise KerasError(
            f"to_run: {model.name} takes texts of any length: give max_length, as pad_sequences "
            f"has it in maxlen"
        )
    if known is not None and max_length not in (None, known):
        raise KerasError(
            f"to_run: max_length={max_length}, but {model.name} takes {known} words: leave it out"
        )
    return int(known if known is not None else max_length)  # type: ignore[arg-type]


def _default_classes(tokenizer: Any, classes: int) -> tuple[str, ...]:
    if tokenizer is None and classes == 2:
        return ("neg", "pos")  # the labels 0 and 1 of keras.datasets.imdb
    return tuple(map(str, range(classes)))


def _output(model: Any, nodes: list[Node]) -> tuple[list[Node], _Output]:
    """The nodes that end in a Dense layer, and that layer with one unit for each class."""
    last = nodes[-1].layer
    activation = None
    if isinstance(last, Activation | Softmax) and len(nodes) > 1:
        activation = last.final_activation
        nodes, last = nodes[:-1], nodes[nodes[-1].inputs[0].node].layer
    is_dense = isinstance(last, Dense) and nodes[-1].layer is last
    if not is_dense or (activation and last.activation != "linear"):  # type: ignore[attr-defined]
        raise KerasError(
            f"to_run: {model.name} ends in {nodes[-1].layer.name}, expected a Dense layer with one "
            f"unit for each class"
        )
    assert isinstance(last, Dense)
    table: dict[str, Any] = {"units": last.units, "activation": activation or last.activation}
    bias = np.zeros(last.units, np.float32)
    arrays = {"kernel": last.parameters["kernel"], "bias": last.parameters.get("bias", bias)}
    loss = None if model.loss is None else losses.serialize(losses.get(model.loss))
    classes, note = one_output_per_class(table, arrays, {"loss": loss}, f"to_run: {model.name}")
    return nodes, _Output(table["activation"], classes, arrays, note)


def _write(
    model: Any, nodes: list[Node], output: _Output, settings: RunSettings, folder: Path
) -> Run:
    """Write the files of the run."""
    notes = [note for note in (output.note, settings.texts.note) if note]
    records, missing = history_records(model)
    training, changed = training_table(model, output.activation, len(records))
    notes += [*missing, *changed]
    recipe = _recipe(model, nodes, output, settings, training)
    network = _with_weights(nodes, output, recipe, settings)
    environment = describe_environment(
        engine=ENGINE, threads=default_threads(), kernels=kernel_kind(network.dtype),
        seed=recipe.training.seed, data_source="", command=command_line(),
    )  # fmt: skip
    files = (
        run_files.environment_file(environment)
        | run_files.recipe_file(recipe)
        | run_files.vocabulary_file(settings.texts.vocabulary)
        | run_files.summary_file(model_summary(network, recipe.name, settings.max_length))
        | run_files.weights_file(network.arrays)
        | run_files.history_file(records)
        | run_files.cost_file(Cost())
        | run_files.result_file(_result(model, network, recipe, settings, records, notes))
    )
    with new_run_folder(folder) as made, atomic_folder(made) as staging:
        write_checksummed(staging, files)
    return load_run(folder)


def _recipe(
    model: Any, nodes: list[Node], output: _Output, settings: RunSettings,
    training: Mapping[str, Any],
) -> Recipe:  # fmt: skip
    """The recipe: of a chain in the tables of the built-in recipes where they can say it."""
    input_type = "values" if len(model.inputs[0].shape) == 3 else "indices"
    tables = {
        "name": model.name,
        "description": f"{model.name}, trained by hoiquy.keras",
        "data": {
            "max_length": settings.max_length, "padding": settings.padding,
            "truncating": settings.truncating,
        },
        "text": settings.texts.table.model_dump(),
        "training": dict(training),
    }  # fmt: skip
    refused: Exception | None = None
    for layers in _candidates(nodes):
        last = {**layers[-1], "units": "classes", "activation": output.activation}
        last.pop("use_bias", None)
        network = {"input": input_type, "layers": [*layers[:-1], last]}
        try:
            return validate_recipe({**tables, "model": network}, f"to_run: {model.name}")
        except RecipeError as error:
            refused = error
    raise KerasError(str(refused)) from refused


def _candidates(nodes: list[Node]) -> list[Tables]:
    chain = chain_tables(nodes)
    try:
        return [*([chain] if chain else []), graph_tables(nodes)]
    except InputError as error:
        if chain:
            return [chain]
        raise KerasError(f"to_run: {error}") from error


def _with_weights(
    nodes: list[Node], output: _Output, recipe: Recipe, settings: RunSettings
) -> NNModel:
    """The model of the recipe with the weights; of an embedding only the reachable rows."""
    words = len(settings.texts.vocabulary.words)
    network = build_model(
        recipe, vocabulary_size=words, classes=output.classes, seed=recipe.training.seed,
        multilabel=settings.multilabel,
    )  # fmt: skip
    own = network.arrays
    for name, node in zip(layer_names(recipe), nodes, strict=True):
        arrays = {**node.layer.parameters, **node.layer.state}
        if node is nodes[-1]:
            arrays = output.arrays
        for key, array in arrays.items():
            place = own.get(f"{name}/{key}")
            if place is not None:  # None: another call of a layer
                place[...] = array[: len(place)] if isinstance(node.layer, Embedding) else array
    return network


def _result(
    model: Any, network: NNModel, recipe: Recipe, settings: RunSettings,
    records: list[EpochRecord], notes: list[str],
) -> Result:  # fmt: skip
    trained, validated = model.fitted_rows
    return Result(
        recipe=recipe.name,
        status="untested",
        engine=ENGINE,
        seed=recipe.training.seed,
        data="unknown",
        data_description=f"trained by hoiquy.keras, model {model.name}",
        official_test=False,
        data_fingerprint="",
        classes=list(settings.classes),
        train_documents=trained,
        validation_documents=validated,
        test_documents=0,
        test_accuracy=None,
        test_loss=None,
        test_macro_f1=None,
        parameters=network.parameter_count,
        unreachable_parameters=network.unreachable_parameter_count,
        epochs=len(records),
        best_epoch=best_epoch(records, recipe.training.early_stopping),
        changes=notes,
        multilabel=settings.multilabel,
    )
