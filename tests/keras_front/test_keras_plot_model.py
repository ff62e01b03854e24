"""`plot_model`: the connections that it reads off a model, and the picture."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hoiquy.keras.utils import model_to_dot, plot_model
from hoiquy.keras.utils.diagram import diagram_of
from hoiquy.keras.utils.drawing import _ranks

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


def layer(name: str, inputs: Any = None, outputs: Any = None) -> Any:
    return SimpleNamespace(name=name, input=inputs, output=outputs, trainable=True)


def branches() -> Any:
    from keras import Model, layers

    words = layers.Input((5,), name="words", dtype="int32")
    embedded = layers.Embedding(10, 3, name="embedding")(words)
    left = layers.LSTM(4, name="left")(embedded)
    right = layers.GlobalMaxPooling1D(name="right")(embedded)
    both = layers.Concatenate(name="both")([left, right])
    answer = layers.Dense(2, activation="softmax", name="answer")(both)
    return Model(words, answer)


@pytest.mark.keras
def test_the_branches_of_a_model() -> None:
    diagram = diagram_of(branches())
    names = [box.name for box in diagram.boxes]
    assert {(names[start], names[end]) for start, end in diagram.edges} == {
        ("words", "embedding"), ("embedding", "left"), ("embedding", "right"),
        ("left", "both"), ("right", "both"), ("both", "answer"),
    }  # fmt: skip
    ranks = dict(zip(names, _ranks(diagram), strict=True))
    assert ranks["left"] == ranks["right"] == 2 and ranks["answer"] == 4
    answer = diagram.boxes[names.index("answer")]
    assert answer.outputs == [(None, 2)] and answer.activation == "softmax"
    assert len(diagram.boxes[names.index("both")].inputs) == 2


@pytest.mark.keras
def test_layers_in_a_row() -> None:
    from keras import Sequential, layers

    model = Sequential([layers.Input((4, 2)), layers.LSTM(3), layers.Dense(1)])
    assert diagram_of(model).edges == [(0, 1)]
    with pytest.raises(ValueError, match="no layers or shapes yet"):
        diagram_of(Sequential([layers.LSTM(3)]))


def test_shared_layers_and_unknown_tensors() -> None:
    """Without tensors, as for layers called several times, layers follow each other."""
    boxes = [SimpleNamespace(name=name) for name in "abc"]
    assert diagram_of(SimpleNamespace(layers=boxes)).edges == [(0, 1), (1, 2)]


@pytest.mark.keras
@pytest.mark.parametrize("rankdir", ["TB", "LR"])
@pytest.mark.parametrize("name", ["model", "model.png", "model.svg", "model.pdf"])
def test_the_picture(tmp_path: Path, rankdir: str, name: str) -> None:
    plot_model(
        branches(), tmp_path / name, show_shapes=True, show_dtype=True, show_layer_names=True,
        rankdir=rankdir, dpi=60, show_layer_activations=True, show_trainable=True,
    )  # fmt: skip
    path = tmp_path / (name if "." in name else f"{name}.png")
    starts = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
    assert path.read_bytes().startswith(starts[path.suffix])
    if path.suffix == ".png":
        import matplotlib.image

        picture = matplotlib.image.imread(path)
        assert (picture.shape[0] > picture.shape[1]) == (rankdir == "TB")
        assert picture.min() < 0.1  # text and lines


def test_pictures_by_the_methods_of_pydot(tmp_path: Path) -> None:
    drawing = model_to_dot(
        SimpleNamespace(layers=[SimpleNamespace(name="a")]), show_layer_names=True, dpi=60
    )
    assert b"<svg" in drawing.create(prog="dot", format="svg")
    assert drawing.create_png().startswith(b"\x89PNG")
    assert drawing.write_pdf(tmp_path / "a.pdf") and drawing.write(str(tmp_path / "a.svg"))
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")


def test_what_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"draws with Matplotlib.*no 'get_nodes'"):
        model_to_dot(SimpleNamespace(layers=[SimpleNamespace(name="a")])).get_nodes()
    with pytest.raises(ValueError, match="rankdir is 'up'"):
        plot_model(SimpleNamespace(layers=[layer("a")]), rankdir="up")
