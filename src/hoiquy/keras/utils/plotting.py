"""`plot_model`: a picture of the layers, drawn by Matplotlib, without pydot and Graphviz."""

from pathlib import Path
from typing import Any, NoReturn

from hoiquy.errors import MissingExtraError
from hoiquy.keras.errors import KerasError
from hoiquy.keras.utils.diagram import Box, Diagram, diagram_of

_LETTER, _LINE, _GAP = 0.095, 0.24, 0.45  # inches: a letter, a line of a box, between boxes


def plot_model(
    model: Any,
    to_file: str | Path = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **ignored: Any,
) -> Any:
    """Draw the layers of a model as boxes and arrows.

    Args:
        model: A built model.
        to_file: Where to write the picture; png, pdf or svg by its ending, png without one.
        show_shapes: Whether to show the shapes of inputs and outputs.
        show_dtype: Whether to show the dtype of outputs.
        show_layer_names: Whether to show the names of layers beside their classes.
        rankdir: "TB" from top to bottom, "LR" from left to right.
        expand_nested: Ignored; a model inside is one box.
        dpi: Dots per inch.
        show_layer_activations: Whether to show activations.
        show_trainable: Whether to mark layers that are not trained.
        **ignored: Other options of Keras, such as `splines`.

    Returns:
        The picture where a notebook runs, else None.

    Raises:
        KerasError: The model is not built, or `rankdir` is unknown. It is a ValueError.
    """
    if rankdir not in ("TB", "LR"):
        raise KerasError(f"plot_model: rankdir is {rankdir!r}, expected 'TB' or 'LR'")
    diagram = diagram_of(model)
    texts = [
        "\n".join(
            _lines(
                box, show_shapes, show_dtype, show_layer_names, show_layer_activations,
                show_trainable,
            )
        )
        for box in diagram.boxes
    ]  # fmt: skip
    path = Path(to_file)
    if not path.suffix:
        path = path.with_suffix(".png")
    _draw(diagram, texts, path, rankdir == "TB", dpi)
    return _image(path)


def model_to_dot(*_: Any, **__: Any) -> NoReturn:
    """Raise MissingExtraError: a graph of pydot is not available here."""
    raise MissingExtraError(
        "model_to_dot returns a graph of pydot, which hoiquy does not use; "
        "plot_model(model, 'model.png') draws the same picture without it"
    )


def _lines(
    box: Box, shapes: bool, dtype: bool, name: bool, activation: bool, trainable: bool
) -> list[str]:
    lines = [f"{box.name} ({box.kind})" if name else box.kind]
    if activation and box.activation is not None:
        lines.append(f"activation: {box.activation}")
    if shapes:
        lines += [
            f"{side}: {', '.join(map(str, found))}"
            for side, found in (("input", box.inputs), ("output", box.outputs))
            if found
        ]
    if dtype and box.dtype is not None:
        lines.append(f"dtype: {box.dtype}")
    if trainable and box.trainable is False:
        lines.append("not trainable")
    return lines


def _ranks(diagram: Diagram) -> list[int]:
    """The row of each box: one after the last of those that lead to it."""
    ranks = [0] * len(diagram.boxes)
    for _ in ranks:  # at most as many passes as there are boxes
        before = list(ranks)
        for start, end in diagram.edges:
            ranks[end] = max(ranks[end], ranks[start] + 1)
        if ranks == before:
            break
    return ranks


def _draw(diagram: Diagram, texts: list[str], path: Path, downwards: bool, dpi: int) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ranks = _ranks(diagram)
    width = max(len(line) for text in texts for line in text.split("\n")) * _LETTER + 0.3
    height = max(text.count("\n") + 1 for text in texts) * _LINE + 0.2
    across, along = (width, height) if downwards else (height, width)
    places = []
    for at, rank in enumerate(ranks):
        beside = [other for other, one in enumerate(ranks) if one == rank]
        offset = (beside.index(at) - (len(beside) - 1) / 2) * (across + _GAP)
        distance = rank * (along + _GAP)
        places.append((offset, -distance) if downwards else (distance, offset))
    xs, ys = zip(*places, strict=True)
    left, right = min(xs) - width / 2 - 0.1, max(xs) + width / 2 + 0.1
    low, high = min(ys) - height / 2 - 0.1, max(ys) + height / 2 + 0.1
    figure = Figure(figsize=(right - left, high - low))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(low, high))
    axes.set_axis_off()
    for (x, y), text in zip(places, texts, strict=True):
        corner = (x - width / 2, y - height / 2)
        axes.add_patch(_box_patch(corner, width, height))
        axes.text(x, y, text, ha="center", va="center", family="monospace", fontsize=9)
    for start, end in diagram.edges:
        (x0, y0), (x1, y1) = places[start], places[end]
        tail = (x0, y0 - height / 2) if downwards else (x0 + width / 2, y0)
        head = (x1, y1 + height / 2) if downwards else (x1 - width / 2, y1)
        axes.annotate("", xy=head, xytext=tail, arrowprops={"arrowstyle": "-|>", "color": "black"})
    figure.savefig(path, dpi=dpi)


def _box_patch(corner: tuple[float, float], width: float, height: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, facecolor="white", edgecolor="black")


def _image(path: Path) -> Any:
    """The picture as a notebook shows it, if IPython runs."""
    import sys

    if "IPython" not in sys.modules or path.suffix != ".png":
        return None
    from IPython.display import Image

    return Image(filename=str(path))
