"""Load a run for prediction."""

from pathlib import Path

from hoiquy.errors import InputError, RunError
from hoiquy.prediction.predictor import Predictor
from hoiquy.prediction.text_classifier import TextClassifier
from hoiquy.runs.ensemble import ENSEMBLE, MEMBERS, ensemble_of, is_ensemble
from hoiquy.runs.folder import Run, load_run


def load_predictor(run: str | Path | Run) -> TextClassifier:
    """Load the network, or the ensemble, of a run for prediction.

    Args:
        run: A run, or the path of its folder.

    Raises:
        RunError: The folder is not a run, or the run is damaged or unfinished.
    """
    loaded = run if isinstance(run, Run) else load_run(run)
    if is_ensemble(loaded.folder):
        from hoiquy.prediction.ensemble import EnsemblePredictor

        return EnsemblePredictor.from_run(loaded)
    if loaded.result.is_ensemble:
        raise RunError(
            f"{loaded.folder} holds no {ENSEMBLE}: its training was stopped before its first model "
            f"was finished; resume with: hoiquy resume {loaded.folder}"
        )
    return Predictor.from_run(loaded)


def load_network(run: Run, what: str) -> Predictor:
    """Load the network of a run. Raises InputError, `what` needs a single network, for others."""
    if run.result.is_ensemble:
        ensemble = ensemble_of(run)
        networks = [one for one in ensemble.members if one.kind == "network"] if ensemble else []
        if not networks:
            raise InputError(
                f"{run.folder} predicts with a linear classifier alone, but {what} needs a network"
            )
        raise InputError(
            f"{run.folder} predicts with several models, but {what} needs a single network: "
            f"name one, such as {run.folder / MEMBERS / networks[0].models[0]}"
        )
    return Predictor.from_run(run)
