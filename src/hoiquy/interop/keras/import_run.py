"""Import a Keras model as a run folder: recipe, vocabulary and weights, without a history."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hoiquy.errors import InputError
from hoiquy.interop.keras.reader import KerasNetwork, read_keras
from hoiquy.interop.keras.text import DEFAULTS, TextOptions, find_text_description
from hoiquy.interop.text_description import TextDescription
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.model import Model
from hoiquy.nn.shards import default_threads
from hoiquy.nn.summary import model_summary
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.layer_tables import EmbeddingLayer
from hoiquy.recipe.model import LOSSES
from hoiquy.recipe.recipe import Recipe, validate_recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.command_line import command_line
from hoiquy.runs.environment import describe_environment
from hoiquy.runs.files import Cost, Result
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.new_folder import new_run_folder
from hoiquy.system.atomic_write import atomic_folder
from hoiquy.system.checksummed_files import sha256, write_checksummed
from hoiquy.training.model_building import build_model, layer_names


def import_keras(
    path: Path,
    out: str | Path,
    *,
    text_description: Path | None = None,
    vocabulary: Path | None = None,
    classes: Sequence[str] = (),
    text_options: TextOptions = DEFAULTS,
    multilabel: bool = False,
) -> Run:
    """Import a `.keras` file as a new run.

    How a text becomes indices is taken from the model's TextVectorization layer, a text description
    or a vocabulary file. No code in the file is run. Settings that are not imported, and
    assumptions, are listed in the result's `changes`.

    Args:
        path: The `.keras` file.
        out: The run folder to create; after an error it is unchanged.
        text_description: By default the `.text.json` next to the model.
        vocabulary: A word file, see `read_words`.
        classes: Class names, unless the text description has them; by default 0, 1 …
        text_options: What a vocabulary file does not contain.
        multilabel: Whether a text may have any number of the classes; the text description may also
            set this.

    Returns:
        The run.

    Raises:
        InputError: The model or its text rules cannot be imported.
        RunError: `out` is not empty.
        WriteError: The folder cannot be written.
    """
    network = read_keras(path)
    text, notes = find_text_description(
        network, path, text_description, vocabulary, classes, text_options
    )
    text = replace(text, multilabel=multilabel or text.multilabel)
    notes = [note for note in (network.output_note, *network.notes, *notes) if note]
    recipe = _recipe(network, text, path)
    model = _model(network, recipe, text)
    files = _files(path, recipe, text, model, notes)
    with new_run_folder(out) as folder, atomic_folder(folder) as staging:
        write_checksummed(staging, files)
    return load_run(folder)


def _files(
    path: Path, recipe: Recipe, text: TextDescription, model: Model, notes: list[str]
) -> run_files.Contents:
    """Return the files of the run."""
    environment = describe_environment(
        engine="keras (imported)",
        threads=default_threads(),
        kernels=kernel_kind(model.dtype),
        seed=recipe.training.seed,
        data_source="",
        command=command_line(),
    ) | {"imported_from": path.name, "imported_sha256": sha256(path.read_bytes())}
    return (
        run_files.environment_file(environment)
        | run_files.recipe_file(recipe)
        | run_files.vocabulary_file(text.vocabulary)
        | run_files.summary_file(model_summary(model, recipe.name, recipe.data.max_length))
        | run_files.weights_file(model.arrays)
        | run_files.cost_file(Cost())
        | run_files.result_file(_result(recipe, model, text, path, notes))
    )


def _recipe(network: KerasNetwork, text: TextDescription, path: Path) -> Recipe:
    """Return the recipe. Raises InputError if the network and its text rules disagree."""
    if network.max_length not in (None, text.max_length):
        raise InputError(
            f"{path} takes documents of {network.max_length} indices, but the text description has "
            f"{text.max_length}: give the one of this model"
        )
    if len(text.classes) != network.classes or len(set(text.classes)) < len(text.classes):
        raise InputError(
            f"{path} has {network.classes} classes, but the names given are "
            f"{', '.join(text.classes)}: name each once"
        )
    if network.zero_at_end and text.padding == "right":
        raise InputError(
            f"{path}: layer {network.zero_at_end} has zero_output_for_mask = True with a mask: its "
            f"output would be 0 for padding on the right, which hoiquy does not support; use "
            f"--padding left if the model was trained so"
        )
    if text.multilabel and (network.output_note or network.tables[-1]["activation"] != "sigmoid"):
        raise InputError(
            f"{path}: --multilabel requires a last layer of two or more sigmoids: import it "
            f"without --multilabel"
        )
    data = {
        "max_length": text.max_length, "padding": text.padding, "truncating": text.truncating,
    }  # fmt: skip
    tables = {
        "name": f"{path.stem} (Keras)",
        "description": f"Imported from {path.name}; its [training] is not known",
        "data": data,
        "text": text.text.model_dump(),
        "model": {"input": network.input, "layers": network.tables},
        "training": {"loss": LOSSES[network.tables[-1]["activation"]]},
    }
    return validate_recipe(tables, str(path))


def _model(network: KerasNetwork, recipe: Recipe, text: TextDescription) -> Model:
    """Return the network with its weights; of an embedding only the reachable rows."""
    words = len(text.vocabulary.words)
    model = build_model(
        recipe, vocabulary_size=words, classes=network.classes, seed=recipe.training.seed,
        multilabel=text.multilabel,
    )  # fmt: skip
    first = recipe.model.layers[0]
    names = layer_names(recipe)
    for name, arrays in zip(names, network.weights, strict=True):
        for key, array in arrays.items():
            if isinstance(first, EmbeddingLayer) and name == names[0]:
                array = array[: embedding_rows(recipe, first, words)[1]]
            model.parameters[f"{name}/{key}"][...] = array
    return model


def _result(
    recipe: Recipe, model: Model, text: TextDescription, path: Path, notes: list[str]
) -> Result:
    return Result(
        recipe=recipe.name,
        status="untested",
        engine="keras (imported)",
        seed=recipe.training.seed,
        data="unknown",
        data_description=f"trained elsewhere, {path.name}",
        official_test=False,
        data_fingerprint="",
        classes=list(text.classes),
        train_documents=0,
        validation_documents=0,
        test_documents=0,
        test_accuracy=None,
        test_loss=None,
        test_macro_f1=None,
        parameters=model.parameter_count,
        unreachable_parameters=model.unreachable_parameter_count,
        epochs=0,
        best_epoch=0,
        changes=notes,
        multilabel=text.multilabel,
    )
