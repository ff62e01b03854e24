"""A recipe as Keras code: the data, the exercise, and both as a script.

The code runs with `python -m hoiquy.keras` and with Keras 3. Its comments are in the report's
language.
"""

import re

from hoiquy.messages import Lang, text
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.training import ConstantSchedule, EarlyStopping
from hoiquy.report.keras_code.layers import call, layer_call
from hoiquy.text.index_scheme import IMDB

_PARTS = ("train", "test")
_SIDES = {"left": "pre", "right": "post"}
_LOSSES = {
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
}

_IMPORTS = """\
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, regularizers
from keras.datasets import imdb
"""

_DATA = """\
(train_texts, train_labels), (test_texts, test_labels) = imdb.load_data(
    num_words={num_words}
)
targets = keras.utils.to_categorical(train_labels, 2)  # {one_hot}
"""

_CURVES = '''\
def draw_curves(history, title):
    """{draw_curves}"""
    figure, panels = plt.subplots(1, 2, figsize=(11, 4))
    for panel, measure in zip(panels, ("accuracy", "loss")):
        epochs = range(1, len(history.epoch) + 1)
        panel.plot(epochs, history.history[measure], "o-", label="train")
        panel.plot(
            epochs, history.history["val_" + measure], "s--", label="validation"
        )
        panel.set_xlabel("epoch")
        panel.set_ylabel(measure)
        panel.legend()
    figure.suptitle(title)
    plt.show()
'''

_SCORE = '''\
def test_accuracy(model, texts):
    """{test_accuracy}"""
    predicted = np.argmax(model.predict(texts), axis=1)
    return np.mean(predicted == test_labels)
'''


def can_be_keras(recipe: Recipe) -> bool:
    """Whether the recipe trains the same with plain Keras code on IMDB."""
    text_table, training = recipe.text, recipe.training
    return (
        recipe.model.is_chain
        and not recipe.model.wide
        and all(layer_call(layer) is not None for layer in recipe.model.layers)
        and text_table.tokenizer == "keras"
        and text_table.normalization == text_table.segmentation == "none"
        and text_table.scheme == IMDB
        and text_table.ngrams == 1
        and training.optimizer == "adam"
        and training.class_weight == "none"
        and training.adversarial_epsilon == 0
        and training.min_steps == 0
        and training.max_steps is None
        and training.schedule == ConstantSchedule()
        and (training.early_stopping == EarlyStopping() or _stops(training.early_stopping))
    )


def preparation_code(num_words: int, lang: Lang) -> str:
    """The imports, the data and the two functions that every exercise uses."""
    words = {key: text(f"code.{key}", lang) for key in ("one_hot", "draw_curves", "test_accuracy")}
    parts = [_IMPORTS, _DATA.format(num_words=num_words, **words)]
    parts += [_CURVES.format(**words), _SCORE.format(**words)]
    return f"{parts[0]}\n{parts[1]}\n\n{parts[2]}\n\n{parts[3]}"


def exercise_code(recipe: Recipe, title: str, lang: Lang) -> str:
    """The code of one exercise, which follows that of `preparation_code`.

    Raises ValueError for a recipe that is not `can_be_keras`.
    """
    if not can_be_keras(recipe):
        raise ValueError(f"{recipe.name}: not expressible as Keras code")
    parts = [_inputs(recipe, lang), _model(recipe, lang), _training(recipe, lang)]
    call_it = f"draw_curves(history, {_quoted(title)})"
    score = f'print(f"{text("code.printed", lang)}: {{test_accuracy(model, x_test):.2%}}")'
    return "\n".join([*parts, f"{call_it}\n{score}\n"])


def script(recipe: Recipe, title: str, lang: Lang) -> str:
    """The whole script of one exercise."""
    preparation = preparation_code(recipe.text.num_words, lang)
    return f"{preparation}\n\n{exercise_code(recipe, title, lang)}"


def code_parts(recipe: Recipe) -> list[str]:
    """What differs between the code of recipes: statements on the input, layers, and arguments."""
    parts = [*_padding(recipe), *_as_values(recipe), *layer_calls(recipe)]
    parts += [*_compiled(recipe), *_fitted(recipe)]
    return list(map(_one_line, parts))


def _one_line(code: str) -> str:
    """A call that may have an argument a line."""
    joined = re.sub(r"(?<=[(\[])\n\s*|,?\n\s*(?=[)\]])", "", code)
    return " ".join(joined.split())


def _inputs(recipe: Recipe, lang: Lang) -> str:
    lines = [f"# {text('code.inputs', lang, length=recipe.data.max_length)}", *_padding(recipe)]
    if values := _as_values(recipe):
        lines += [f"# {text('code.values', lang)}", *values]
    return "\n".join(lines) + "\n"


def _padding(recipe: Recipe) -> list[str]:
    data = recipe.data
    sides = {"padding": data.padding, "truncating": data.truncating}
    # "pre" is the default of Keras
    other = [f'{name}="{_SIDES[side]}"' for name, side in sides.items() if side != "left"]
    return [
        call(
            f"x_{name} = keras.utils.pad_sequences",
            [f"{name}_texts", f"maxlen={data.max_length}", *other],
            indent=0,
        )
        for name in _PARTS
    ]


def _as_values(recipe: Recipe) -> list[str]:
    if recipe.model.input != "values":
        return []
    return [f'x_{name} = x_{name}[:, :, np.newaxis].astype("float32")' for name in _PARTS]


def layer_calls(recipe: Recipe) -> list[str]:
    """The input and the layers of the network."""
    steps = recipe.data.max_length
    shape = f"({steps}, 1)" if recipe.model.input == "values" else f"({steps},)"
    calls = map(layer_call, recipe.model.layers)
    return [f"keras.Input(shape={shape})", *filter(None, calls)]


def _model(recipe: Recipe, lang: Lang) -> str:
    body = "".join(f"        {one},\n" for one in layer_calls(recipe))
    return (
        f"# {text('code.model', lang)}\n"
        f"keras.utils.set_random_seed({recipe.training.seed})\n"
        f"model = keras.Sequential(\n    [\n{body}    ],\n    name={_quoted(_name(recipe))},\n)\n"
        f"model.summary()\n"
    )


def _training(recipe: Recipe, lang: Lang) -> str:
    return (
        f"# {text('code.training', lang)}\n"
        f"{call('model.compile', _compiled(recipe), indent=0)}\n"
        f"{call('history = model.fit', _fitted(recipe), indent=0)}\n"
    )


def _compiled(recipe: Recipe) -> list[str]:
    training = recipe.training
    smoothing = training.label_smoothing
    loss = f'"{training.loss}"'
    if smoothing:
        loss = f"keras.losses.{_LOSSES[training.loss]}(label_smoothing={smoothing!r})"
    adam = [f"learning_rate={training.learning_rate!r}"]
    if training.clip_norm is not None:
        adam.append(f"global_clipnorm={training.clip_norm!r}")
    return [
        f"optimizer={call('keras.optimizers.Adam', adam, indent=4)}",
        f"loss={loss}",
        'metrics=["accuracy"]',
    ]


def _fitted(recipe: Recipe) -> list[str]:
    training = recipe.training
    return [
        "x_train",
        "targets",
        f"batch_size={training.batch_size}",
        f"epochs={training.epochs}",
        f"validation_split={recipe.data.validation_fraction!r}",
        *_callbacks(training.early_stopping),
    ]


def _callbacks(stopping: EarlyStopping) -> list[str]:
    if not _stops(stopping):
        return []
    arguments = [
        f'"{stopping.monitor}"',
        f"patience={stopping.patience}",
        f"min_delta={stopping.min_delta!r}",
        f"restore_best_weights={stopping.restore_best}",
    ]
    return [f"callbacks=[{call('keras.callbacks.EarlyStopping', arguments, indent=4)}]"]


def _stops(stopping: EarlyStopping) -> bool:
    return stopping.patience is not None


def _name(recipe: Recipe) -> str:
    return "".join(one if one.isalnum() else "_" for one in recipe.name)


def _quoted(words: str) -> str:
    """Words as a string of Python, in double quotes and on one line."""
    import json

    return json.dumps(words, ensure_ascii=False)
