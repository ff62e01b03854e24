"""`plot_model`: a picture of the layers, drawn by Matplotlib, without pydot and Graphviz."""

from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from hoiquy.keras.errors import KerasError
from hoiquy.keras.utils.diagram import Box, Diagram, diagram_of
from hoiquy.keras.utils.drawing import figure_of


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
    drawing = model_to_dot(
        model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi,
        show_layer_activations=show_layer_activations, show_trainable=show_trainable,
    )  # fmt: skip
    path = Path(to_file)
    if not path.suffix:
        path = path.with_suffix(".png")
    drawing.write(path)
    return _image(path)


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **ignored: Any,
) -> "Drawing":
    """The picture that `plot_model` draws, before it is written; arguments as there.

    Returns:
        A `Drawing`, which has the methods of a graph of pydot that make pictures.

    Raises:
        KerasError: As `plot_model`.
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
    return Drawing(diagram, texts, rankdir == "TB", dpi)


@dataclass(frozen=True)
class Drawing:
    """Boxes with texts and arrows between them, to be drawn in a format of Matplotlib."""

    diagram: Diagram
    texts: list[str]
    downwards: bool
    dpi: int

    def create(self, prog: Any = None, format: str = "png", **_: Any) -> bytes:
        """The picture as bytes: png, svg, pdf. Graphviz' programs (`prog`) are not used."""
        buffer = BytesIO()
        self._figure().savefig(buffer, dpi=self.dpi, format=format)
        return buffer.getvalue()

    def write(
        self, path: str | Path, prog: Any = None, format: str | None = None, **_: Any
    ) -> bool:
        """Write the picture; the format is that of the file's ending unless it is given."""
        self._figure().savefig(path, dpi=self.dpi, format=format)
        return True

    def __getattr__(self, name: str) -> Any:
        """`create_svg()`, `write_png(path)` and the like."""
        method, _, format = name.partition("_")
        if method in ("create", "write") and format in ("png", "svg", "pdf"):
            return partial(getattr(self, method), format=format)
        raise AttributeError(
            f"model_to_dot draws with Matplotlib, not with pydot: it has create and write for png, "
            f"svg and pdf, but no {name!r}"
        )

    def _figure(self) -> Any:
        return figure_of(self.diagram, self.texts, self.downwards)


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


def _image(path: Path) -> Any:
    """The picture as a notebook shows it, if IPython runs."""
    import sys

    if "IPython" not in sys.modules or path.suffix != ".png":
        return None
    from IPython.display import Image

    return Image(filename=str(path))
