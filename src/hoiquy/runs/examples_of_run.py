"""Read the examples of a run folder."""

from hoiquy.errors import RunError
from hoiquy.runs.examples import Example
from hoiquy.runs.files import EXAMPLES, parse_examples
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import read_checksummed, read_manifest


def examples_of(run: Run) -> tuple[Example, ...]:
    """Test documents to try a run on; none if it is unfinished, untested or has no such file.

    Raises RunError if the file is missing or damaged.
    """
    if EXAMPLES not in read_manifest(run.folder):
        return ()
    path = run.folder / EXAMPLES
    examples = parse_examples(read_checksummed(run.folder, EXAMPLES), str(path))
    classes, documents = len(run.result.classes), run.result.test_documents
    for at, example in enumerate(examples):
        if not (example.fits(classes, run.result.multilabel) and example.row < documents):
            raise RunError(f"{path} is damaged: {at} is no document of this run")
    return examples
