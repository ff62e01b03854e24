"""The model summary: layer, output shape, parameters, as Keras prints them."""

from collections.abc import Sequence

from hoiquy.nn.layers import Shape
from hoiquy.nn.model import Model

_WIDTHS = (34, 24, 14)


def model_summary(model: Model, name: str, max_length: int) -> str:
    """Return the summary as text; `max_length` is the number of time steps.

    Parameters include embedding rows that no index reaches; the last line has their number.
    """
    lines = [f'Model: "{name}"', _rule("─")]
    lines += [_row(("Layer (type)", "Output shape", "Parameters")), _rule("═")]
    first: Shape = (None, max_length, 1) if model.input_type == "values" else (None, max_length)
    shapes: list[tuple[Shape, ...]] = []
    called: set[str] = set()
    for node_of_layer in model.graph.nodes:
        layer, inputs = node_of_layer.layer, node_of_layer.inputs
        of_inputs = [first if node < 0 else shapes[node][output] for node, output in inputs]
        shapes.append(layer.output_shapes(of_inputs))
        count = 0 if layer.name in called else layer.parameter_count
        called.add(layer.name)
        lines.append(_row((f"{layer.name} ({layer.type_name})", str(shapes[-1][0]), f"{count:,}")))
    if model.wide is not None:
        wide = model.wide
        (shape,) = wide.output_shapes([(None, max_length)])
        cells = f"{wide.name} ({wide.type_name}), averaged", str(shape), f"{wide.parameter_count:,}"
        lines.append(_row(cells))
    total, unreachable = model.parameter_count, model.unreachable_parameter_count
    lines += [_rule("─"), f"Total parameters: {total:,}"]
    if unreachable:
        lines.append(
            f"Never read: {unreachable:,} ({unreachable / total:.1%}), embedding rows that no "
            f"index reaches; trained: {total - unreachable:,}"
        )
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    first, second, third = cells
    if len(first) >= _WIDTHS[0]:
        first = f"{first[: _WIDTHS[0] - 2]}…"
    return f" {first:<{_WIDTHS[0]}}{second:<{_WIDTHS[1]}}{third:>{_WIDTHS[2]}}"


def _rule(character: str) -> str:
    return character * (sum(_WIDTHS) + 2)
