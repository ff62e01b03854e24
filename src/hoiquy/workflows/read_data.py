"""Read a data set for a training, and report what was detected."""

from hoiquy.data import Dataset
from hoiquy.data.source import DataSource
from hoiquy.events import DataRead, Listener, reading
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.workflows.run_start import Engine


def read_data(source: DataSource, engine: Engine, on_event: Listener) -> Dataset:
    """Do as `read_source`, while the kernels compile."""
    if engine == "hoiquy":
        start_compiling(on_event)
    return read_source(source, on_event)


def read_source(source: DataSource, on_event: Listener) -> Dataset:
    """Read a data set, and report which columns were detected."""
    dataset = source.load(reading(on_event))
    if source.detects:
        on_event(DataRead(dataset.description))
    if dataset.multilabel:
        on_event(
            DataRead(
                f"{dataset.name}: several labels a document; accuracy is subset accuracy, the "
                f"share of documents with exactly the right labels"
            )
        )
    return dataset
