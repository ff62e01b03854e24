"""The description holds: requests made from it, right and wrong ones, get what it promises."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from running import Caller
from schemathesis import GenerationMode

from hoiquy.server.app import create_app
from hoiquy.server.settings import Settings

EXAMPLES = 30
OPERATIONS = {
    path: (method, operation)
    for path, methods in create_app(Settings(Path())).openapi()["paths"].items()
    for method, operation in methods.items()
}


@pytest.fixture(scope="module")
def described(service: Caller) -> Any:
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{service.port}/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", OPERATIONS)
def test_answers_are_as_described(described: Any, path: str, mode: GenerationMode) -> None:
    method, operation = OPERATIONS[path]
    if mode is GenerationMode.NEGATIVE and not {"requestBody", "parameters"} & operation.keys():
        pytest.skip("nothing can be wrong with it")
    strategy = described[path][method].as_strategy(generation_mode=mode)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=strategy)
    def validate(case: Any) -> None:
        answer = case.call()
        if answer.status_code == 413:  # refused before it is read; schemathesis wants another code
            assert answer.json()["error"]["code"] == "body_too_large"
            return
        case.validate_response(answer)

    validate()


def test_every_route_is_described(service: Caller) -> None:
    description = service.get("/openapi.json").json()
    assert description["paths"].keys() == {
        "/", "/api/compare", "/api/examples", "/api/explain", "/api/models", "/api/predict",
        "/api/runs", "/api/runs/history", "/api/ticket", "/health", "/metrics", "/ready", "/report",
    }  # fmt: skip
    assert {"key": []} in description["security"]
    assert description["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    schemas = description["components"]["schemas"]
    assert schemas["ExplainAnswer"]["required"] == [
        "model", "classes", "answer", "labels", "not_read", "left_to_right", "words",
        "probabilities",
    ]  # fmt: skip
