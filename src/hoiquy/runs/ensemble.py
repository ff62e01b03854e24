"""`ensemble.json` of a run folder: which models predict together, and with which weights.

    RUN/ensemble.json
    RUN/members/linear/         a linear classifier: linear.json and linear.safetensors
    RUN/members/words-1/        a network, in a run folder without a test score

The probability of class c is proportional to exp(b_c + Σ_k w_k log p_kc), with p_k of the members
and the class offsets b. Where a document may have several labels, the log odds of label l are
b_l + Σ_k w_k z_kl, with the log odds z_k of the members.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import FiniteFloat

from hoiquy.errors import RunError
from hoiquy.runs.files import Contents, Metric
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import read_checksummed
from hoiquy.system.json_files import as_json, parse_json

__all__ = [
    "ENSEMBLE",
    "MEMBERS",
    "Ensemble",
    "HeldOut",
    "Member",
    "Metric",
    "ensemble_file",
    "ensemble_of",
    "is_ensemble",
    "load_ensemble",
]

ENSEMBLE, MEMBERS = "ensemble.json", "members"


@dataclass(frozen=True)
class Member:
    """Models of one kind, each trained on other documents; their logits are averaged.

    Attributes:
        name: Of the kind, such as "linear" or "words".
        kind: Linear classifier or network.
        weight: w of the formulas above; 0 or more.
        models: Their folders below `members`.
    """

    name: str
    kind: Literal["linear", "network"]
    weight: FiniteFloat
    models: list[str]


@dataclass(frozen=True)
class HeldOut:
    """Measures on training documents that the models of a prediction were not trained on.

    Of several labels a document, the accuracy is that of whole sets of labels, and the others are
    means over the labels.
    """

    documents: int
    accuracy: FiniteFloat
    macro_f1: FiniteFloat
    log_loss: FiniteFloat


@dataclass(frozen=True)
class Ensemble:
    """The content of `ensemble.json`.

    Attributes:
        metric: What the choice of members and offsets aims at.
        members: Those that predict.
        offsets: b of the formulas above, one for each class.
        held_out: Cross-validated measures of the whole ensemble.
    """

    metric: Metric
    members: list[Member]
    offsets: list[FiniteFloat]
    held_out: HeldOut


def ensemble_file(ensemble: Ensemble) -> Contents:
    """`ensemble.json` as its name and bytes."""
    return {ENSEMBLE: as_json(asdict(ensemble))}


def is_ensemble(folder: Path) -> bool:
    """Whether the run in a folder predicts with several models."""
    return (folder / ENSEMBLE).exists()


def load_ensemble(folder: Path, classes: int) -> Ensemble:
    """Read `ensemble.json` of a run with so many classes. Raises RunError."""
    source = folder / ENSEMBLE
    ensemble = parse_json(Ensemble, read_checksummed(folder, ENSEMBLE), str(source))
    if len(ensemble.offsets) != classes:
        raise RunError(f"{source} is damaged: {len(ensemble.offsets)} offsets, {classes} classes")
    for member in ensemble.members:
        wrong = [name for name in member.models if not _is_folder_name(name)]
        if wrong or not member.models or member.weight < 0:
            raise RunError(f"{source} is damaged: the member {member.name!r} cannot be used")
    held_out = ensemble.held_out
    if held_out.documents < 1 or not 0 <= held_out.accuracy <= 1:
        raise RunError(
            f"{source} is damaged: accuracy {held_out.accuracy:g} on {held_out.documents} held-out "
            "documents"
        )
    if not ensemble.members:
        raise RunError(f"{source} is damaged: it has no members")
    return ensemble


def ensemble_of(run: Run) -> Ensemble | None:
    """The ensemble of a run; None for a single network, and before its first model is finished.

    Raises RunError if `ensemble.json` is damaged.
    """
    if not run.result.is_ensemble or not is_ensemble(run.folder):
        return None
    return load_ensemble(run.folder, len(run.result.classes))


def _is_folder_name(name: str) -> bool:
    """Whether a name stays within its parent folder."""
    return bool(name) and name.replace("-", "").replace("_", "").isalnum() and name.isascii()
