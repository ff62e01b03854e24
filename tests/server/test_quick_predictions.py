"""A valid prediction request gets the same answer with FastAPI's routing and without it."""

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from running import Answer, Caller, answer_of, serving

import hoiquy
import several_labels
from hoiquy.server import quick_predictions

CONTENTS: tuple[Any, ...] = (
    {"text": "word1 mango word2"},
    {"texts": ["lemon", "", "phở 🍜 word3"]},
    {"text": "mango", "model": "ba-lớp"},
    {"text": "mango", "model": "none"},
)


def without_date(answer: Answer) -> tuple[int, dict[str, str], Any]:
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status, headers, answer.json()


def by_both_ways(
    service: Caller, content: Any, monkeypatch: pytest.MonkeyPatch
) -> tuple[Answer, Answer]:
    quick = service.post("/api/predict", content)
    with monkeypatch.context() as changed:
        changed.setattr(quick_predictions, "_valid_request", lambda messages: None)
        return quick, service.post("/api/predict", content)


@pytest.mark.parametrize("content", CONTENTS)
def test_the_answer_is_that_of_the_route(
    service: Caller, content: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, routed = by_both_ways(service, content, monkeypatch)
    assert without_date(quick) == without_date(routed)


def test_several_labels_are_those_of_the_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hoiquy.train(several_labels.dataset(), several_labels.recipe(), tmp_path / "runs" / "several")
    content = {"texts": ["mango copper word1", "word1 word2"]}
    with serving(tmp_path / "runs") as service:
        quick, routed = by_both_ways(service, content, monkeypatch)
    assert without_date(quick) == without_date(routed)
    assert quick.json()["answers"][0]["labels"] == ["fruit", "metal"]


@pytest.mark.parametrize("content", [{"text": "word1 " * 40}, {"text": 1}, {}])
def test_a_body_may_come_in_pieces(service: Caller, content: Any) -> None:
    whole = service.post("/api/predict", content)
    body = json.dumps(content).encode()
    connection = HTTPConnection("127.0.0.1", service.port, timeout=60)
    try:
        pieces = iter([body[:3], body[3:9], body[9:]])
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/api/predict", filter(None, pieces), headers)
        chunked = answer_of(connection.getresponse())
    finally:
        connection.close()
    assert without_date(chunked) == without_date(whole)
