"""What the service says is what the library says."""

from pathlib import Path

import numpy as np
import pytest
from running import Caller, serving, until

import hoiquy
import several_labels
from hoiquy.prediction.explain import explain
from hoiquy.prediction.load import load_predictor
from hoiquy.server.engine import Engine

TEXTS = ["word1 mango word2", "lemon", "", "phở 🍜 word3 mango", "word4 " * 40 + "lemon"]


def test_predictions_are_those_of_the_predictor(service: Caller, trained: Path) -> None:
    predictor = load_predictor(trained / "lstm")
    answer = service.predict(*TEXTS)
    assert answer.status == 200
    found = answer.json()
    assert found["model"] == "lstm" and found["classes"] == ["neg", "pos"]
    expected = predictor.predict_proba(TEXTS)
    got = np.array([one["probabilities"] for one in found["answers"]], np.float32)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
    labels = [predictor.classes[at] for at in expected.argmax(axis=1)]
    assert [one["label"] for one in found["answers"]] == labels
    assert len(set(labels)) == 2


def test_one_text_and_another_model(service: Caller, trained: Path) -> None:
    text = "phim tuyệt vời quá"
    answer = service.post("/api/predict", {"text": text, "model": "ba-lớp"}).json()
    predictor = load_predictor(trained / "ba-lớp")
    assert answer["classes"] == list(predictor.classes) and len(answer["classes"]) == 3
    expected = predictor.predict_proba([text])[0]
    np.testing.assert_allclose(answer["answers"][0]["probabilities"], expected, atol=1e-6)


@pytest.mark.parametrize("model", ["lstm", "deep/gru", "ba-lớp"])
def test_traces_are_those_of_explain(service: Caller, trained: Path, model: str) -> None:
    text = "word1 mango unheard " + "lemon word2 " * 10
    trace = explain(load_predictor(trained / model), text)
    found = service.post("/api/explain", {"text": text, "model": model}).json()
    assert (found["answer"], found["not_read"]) == (trace.answer, trace.not_read)
    assert [word["word"] for word in found["words"]] == [word.word for word in trace.words]
    assert [word["known"] for word in found["words"]] == [word.known for word in trace.words]
    np.testing.assert_allclose(found["probabilities"], trace.probabilities, atol=1e-6)
    changes = [word["change"] for word in found["words"]]
    np.testing.assert_allclose(changes, [word.change for word in trace.words], atol=2e-6)
    assert found["left_to_right"] is True


def test_models_are_described(service: Caller, trained: Path) -> None:
    models = {one["name"]: one for one in service.get("/api/models").json()["models"]}
    assert list(models) == ["ba-lớp", "deep/gru", "lstm"]
    assert [name for name, one in models.items() if one["default"]] == ["lstm"]
    found = models["deep/gru"]
    assert (found["recipe"], found["max_length"], found["classes"]) == (
        "small-gru", 16, ["neg", "pos"],
    )  # fmt: skip
    low, high = found["test_interval"]
    assert low <= found["test_accuracy"] <= high


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"", 400, "malformed_json"),
        (b'{"text": "\xff"}', 400, "malformed_json"),
        (b'{"text": "\\ud800"}', 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (b"[]", 422, "unexpected_body"),
        (b'{"text": "a", "\\ud800": 1}', 400, "malformed_json"),
        (b"{}", 422, "unexpected_body"),
        (b'{"text": "a", "texts": ["b"]}', 422, "unexpected_body"),
        (b'{"text": null}', 422, "unexpected_body"),
        (b'{"text": 1}', 422, "unexpected_body"),
        (b'{"texts": "abc"}', 422, "unexpected_body"),
        (b'{"text": "a", "modle": "lstm"}', 422, "unexpected_body"),
        (b'{"texts": []}', 422, "number_of_texts"),
        (b'{"texts": [' + b",".join([b'""'] * 257) + b"]}", 422, "number_of_texts"),
        (b'{"text": "' + b"a" * 50_001 + b'"}', 422, "text_too_long"),
        (b'{"text": "a", "model": "none"}', 404, "unknown_model"),
        (b'{"text": "a", "model": "../lstm"}', 404, "unknown_model"),
        (b'{"text": "a", "model": "/etc"}', 404, "unknown_model"),
        (b'{"text": "a", "model": "deep"}', 404, "unknown_model"),
        (b'{"text": "a", "model": "lstm\\u0000"}', 404, "unknown_model"),
    ],
)
def test_what_is_wrong_with_a_body_is_said(
    service: Caller, content: bytes, status: int, code: str
) -> None:
    answer = service.post("/api/predict", content)
    assert (answer.status, answer.code) == (status, code)


def test_a_message_does_not_repeat_the_text(service: Caller) -> None:
    for body in (b'{"texts": ["secret", 1]}', b'{"text": "secret', b'{"text": ["secret"]}'):
        answer = service.post("/api/predict", body)
        assert answer.status in (400, 422) and b"secret" not in answer.content


def test_a_text_of_too_many_words_is_not_explained(
    service: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoiquy.server.prediction_routes.MAX_EXPLAINED_WORDS", 5)
    assert service.post("/api/explain", {"text": "word1 " * 5}).status == 200
    answer = service.post("/api/explain", {"text": "word1 " * 6})
    assert (answer.status, answer.code) == (422, "too_many_words")


def test_other_paths_and_methods(service: Caller) -> None:
    assert service.get("/api/predict").code == "wrong_method"
    assert service.get("/api/predict").headers["allow"] == "POST"
    assert service.send("DELETE", "/api/models").status == 405
    assert service.get("/api/predict/").code == "not_found"
    assert service.get("/docs").code == "not_found"
    assert service.send("HEAD", "/health").content == b""
    answer = service.post("/api/predict", {"text": "a"}, content_type="text/plain")
    assert (answer.status, answer.code) == (415, "not_json")


def test_a_model_of_several_labels_answers_with_all_of_them(tmp_path: Path) -> None:
    hoiquy.train(several_labels.dataset(), several_labels.recipe(), tmp_path / "runs" / "several")
    texts = ["mango copper word1", "word1 word2"]
    with serving(tmp_path / "runs") as service:
        found = service.predict(*texts).json()
        assert [one["labels"] for one in found["answers"]] == [["fruit", "metal"], []]
        expected = load_predictor(tmp_path / "runs" / "several").predict_proba(texts)
        got = [one["probabilities"] for one in found["answers"]]
        np.testing.assert_allclose(got, expected, atol=1e-6)
        trace = service.post("/api/explain", {"text": texts[0]}).json()
        assert trace["labels"] == ["fruit", "metal"]
        (model,) = service.get("/api/models").json()["models"]
        assert model["multilabel"] is True and model["classes"] == list(several_labels.LABELS)


def test_an_internal_error_is_counted_and_its_text_is_not_logged(
    service: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(self: Engine, size: int = 1) -> None:
        raise ValueError("a secret text")

    line = 'hoiquy_requests_total{route="/api/predict",status="500"}'
    before = service.metric(line)
    monkeypatch.setattr(Engine, "check_room", failing)
    answer = service.predict("mango")
    assert (answer.status, answer.code) == (500, "internal")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "ValueError in" in caplog.text and "secret" not in caplog.text
    until(lambda: service.metric(line) == before + 1)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/none", "other"),
        ("/assets/main.js", "/assets/"),
        ("/api/runs/history?name=x", "/api/runs/history"),
    ],
)
def test_requests_are_counted_by_route(service: Caller, path: str, route: str) -> None:
    def count() -> float:
        statuses = [
            service.metric(f'hoiquy_requests_total{{route="{route}",status="{status}"}}')
            for status in (200, 404)
        ]
        return sum(statuses)

    before = count()
    service.get(path)
    until(lambda: count() == before + 1)  # a request is counted after its answer
