"""A folder of soft labels from elsewhere: any of its files damaged, all hashes made right."""

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.damage import any_bytes, any_json
from fuzz.examples import fuzzed
from fuzz.reading import check_verified, outcome
from fuzz.test_fuzz_run_folder import damaged_file, replaced
from hoiquy.runs import files as run_files
from hoiquy.runs.files import Cost
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.distillation.soft_labels import (
    Measures,
    SoftLabelFacts,
    TeacherFacts,
    write_soft_labels,
)
from miniatures import WORDS, miniature, random_dataset


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Soft labels; nothing waits for the disk while it is damaged and mended."""
    measures = Measures(0.5, 0.7)
    facts = SoftLabelFacts(
        "soft_labels", "0.1.0", ["neg", "pos"], "invented", random_dataset().fingerprint(),
        11, 20, 0, [TeacherFacts("nb-svm", None, {"C": 1.0}, 1.0, measures)], measures,
    )  # fmt: skip
    with patch("os.fsync"):
        folder = tmp_path_factory.mktemp("whole")
        texts = [" ".join(WORDS[at : at + 9]) for at in range(20)]
        documents = SoftLabelledDocuments(texts, np.full((20, 2), 0.5, np.float32))
        write_soft_labels(folder, facts, documents, Cost(seconds=1.0))
        yield folder


def learn_from(folder: Path) -> None:
    start = SoftLabelStart.load(folder)
    list(start.documents.texts)
    start.check_fits(miniature("bai3"), random_dataset())


@fuzzed
@given(data=st.data())
def test_any_soft_labels(data: st.DataObject, whole: Path) -> None:
    facts = json.loads((whole / run_files.SOFT_LABELS).read_bytes())
    damaged = {
        run_files.SOFT_LABELS: any_json(facts),
        run_files.SOFT_LABELLED: any_bytes((whole / run_files.SOFT_LABELLED).read_bytes()),
    }
    names = data.draw(st.sampled_from([[one] for one in damaged] + [list(damaged)]))
    with replaced(whole, {name: data.draw(damaged[name]) for name in names}):
        outcome(lambda: learn_from(whole))
        check_verified(whole)


@fuzzed
@given(data=st.data())
def test_any_environment_of_a_run(data: st.DataObject, whole: Path, tmp_path: Path) -> None:
    content = b'{"soft_labels": {"folder": "there", "soft_labels_sha256": "ab"}}'
    environment = data.draw(damaged_file(run_files.ENVIRONMENT, content))

    def of_run() -> SoftLabelStart | None:
        facts = run_files.parse_environment(environment, "environment.json")
        return SoftLabelStart.of_run(tmp_path, facts)

    outcome(of_run)
