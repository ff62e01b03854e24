"""What networks say of texts: /api/predict and /api/explain."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hoiquy.prediction.explain import begin_reading, reads_left_to_right
from hoiquy.server.answers import json_answer
from hoiquy.server.api_error import ApiError
from hoiquy.server.limits import MAX_CHARACTERS, MAX_EXPLAINED_WORDS, MAX_TEXTS
from hoiquy.server.schemas import (
    Answer,
    ExplainAnswer,
    ExplainRequest,
    PredictAnswer,
    PredictRequest,
    SeveralLabels,
)
from hoiquy.server.service import Service

_PREFIXES = 64  # that are read together: others get their turn between


async def predict(service: Service, request: Request) -> Response:
    service.engine.check_room()  # before the work of reading a body
    asked = await service.bodies.parsed(request, PredictRequest)
    texts = asked.all_texts
    _check(texts)
    model = await service.model(asked.model)
    predictor = model.predictor
    probabilities = await service.engine.read(predictor, texts)
    found = zip(predictor.labels(probabilities), probabilities.tolist(), strict=True)
    answers: list[Answer | SeveralLabels] = [
        SeveralLabels(labels=labels, probabilities=row)
        if predictor.multilabel
        else Answer(label=labels[0], probabilities=row)
        for labels, row in found
    ]
    answer: PredictAnswer = {
        "model": model.name, "classes": predictor.classes, "answers": answers
    }  # fmt: skip
    return json_answer(answer)


async def explain(service: Service, request: Request) -> Response:
    asked = await service.bodies.parsed(request, ExplainRequest)
    _check([asked.text])
    model = await service.model(asked.model)
    predictor, engine = model.predictor, service.engine
    reading = await engine.call(predictor, partial(begin_reading, predictor, asked.text))
    if len(reading.words) > MAX_EXPLAINED_WORDS:
        raise ApiError(
            422, "too_many_words",
            f"a text of {len(reading.words):,} words cannot be explained: send "
            f"{MAX_EXPLAINED_WORDS:,} at most",
            limit=MAX_EXPLAINED_WORDS,
        )  # fmt: skip
    parts = [await engine.read_on(predictor, part) for part in reading.encoded(_PREFIXES)]
    trace = reading.trace(predictor, parts)
    answer: ExplainAnswer = {
        "model": model.name,
        "classes": trace.classes,
        "answer": trace.answer,
        "labels": trace.labels,
        "not_read": trace.not_read,
        "left_to_right": reads_left_to_right(predictor.recipe),
        "words": [
            {"word": each.word, "known": each.known, "change": each.change} for each in trace.words
        ],
        "probabilities": trace.probabilities.tolist(),
    }
    return json_answer(answer)


def _check(texts: list[str]) -> None:
    if not 1 <= len(texts) <= MAX_TEXTS:
        raise ApiError(
            422, "number_of_texts", f"{len(texts)} texts: send 1 to {MAX_TEXTS} in a request",
            limit=MAX_TEXTS,
        )  # fmt: skip
    longest = max(map(len, texts))
    if longest > MAX_CHARACTERS:
        raise ApiError(
            422, "text_too_long",
            f"a text has {longest:,} characters: {MAX_CHARACTERS:,} are read at most",
            limit=MAX_CHARACTERS,
        )  # fmt: skip
