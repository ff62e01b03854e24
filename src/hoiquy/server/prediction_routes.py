"""/api/predict and /api/explain."""

from collections.abc import Callable, Sequence
from functools import partial

from fastapi import APIRouter

from hoiquy.prediction.explain import reads_left_to_right, split_prefixes
from hoiquy.server.errors import api_error, error_responses
from hoiquy.server.schemas import (
    ExplainAnswer,
    ExplainRequest,
    MultilabelPrediction,
    PredictAnswer,
    Prediction,
    PredictRequest,
    Word,
)
from hoiquy.server.service import ServiceDependency
from hoiquy.server.settings import MAX_EXPLAINED_WORDS

_PREFIXES = 64  # read together; the texts of other requests are read in between


router = APIRouter(prefix="/api", responses=error_responses(404, 408, 413, 415, 422, 429))


@router.post("/predict", summary="Predict the classes of texts.")
async def predict(body: PredictRequest, service: ServiceDependency) -> PredictAnswer:
    model = await service.model(body.model)
    predictor = model.predictor
    probabilities = await service.engine.predict(predictor, body.all_texts)
    answer_of: Callable[..., Prediction | MultilabelPrediction]
    answer_of = _labels_of if predictor.multilabel else _label_of
    answers: list[Prediction | MultilabelPrediction] = [
        answer_of(predictor.classes, row) for row in probabilities.tolist()
    ]
    return PredictAnswer(model=model.name, classes=predictor.classes, answers=answers)


# As `predicted_names`: NumPy's argmax would give the interpreter lock to the engine's thread, and
# the event loop would wait for it once for each request.
def _label_of(classes: Sequence[str], row: list[float]) -> Prediction:
    return Prediction(label=classes[row.index(max(row))], probabilities=row)


def _labels_of(classes: Sequence[str], row: list[float]) -> MultilabelPrediction:
    labels = tuple(name for name, one in zip(classes, row, strict=True) if one > 0.5)
    return MultilabelPrediction(labels=labels, probabilities=row)


@router.post("/explain", summary="Predict after each word of a text.")
async def explain(body: ExplainRequest, service: ServiceDependency) -> ExplainAnswer:
    model = await service.model(body.model)
    predictor, engine = model.predictor, service.engine
    reading = await engine.run(predictor, partial(split_prefixes, predictor, body.text))
    if len(reading.words) > MAX_EXPLAINED_WORDS:
        raise api_error(
            422, "too_many_words",
            f"a text of {len(reading.words):,} words cannot be explained: send "
            f"{MAX_EXPLAINED_WORDS:,} at most",
            limit=MAX_EXPLAINED_WORDS,
        )  # fmt: skip
    parts = [await engine.predict_accepted(predictor, part) for part in reading.encoded(_PREFIXES)]
    trace = reading.trace(predictor, parts)
    return ExplainAnswer(
        model=model.name,
        classes=trace.classes,
        answer=trace.answer,
        labels=trace.labels,
        not_read=trace.not_read,
        left_to_right=reads_left_to_right(predictor.recipe),
        words=[Word(word=one.word, known=one.known, change=one.change) for one in trace.words],
        probabilities=trace.probabilities.tolist(),
    )
