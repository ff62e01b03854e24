"""The description holds: requests made from it, right and wrong ones, get what it promises."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from running import Caller
from schemathesis import GenerationMode

from hoiquy.server.routes import ROUTES

EXAMPLES = 30


@pytest.fixture(scope="module")
def described(service: Caller) -> Any:
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{service.port}/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", ROUTES)
def test_answers_are_as_described(described: Any, path: str, mode: GenerationMode) -> None:
    route = ROUTES[path]
    if mode is GenerationMode.NEGATIVE and not (route.body or route.parameters):
        pytest.skip("nothing can be wrong with it")
    operation = described[path][route.method]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def validate(case: Any) -> None:
        answer = case.call()
        if answer.status_code == 413:  # refused before it is read; schemathesis wants another code
            assert answer.json()["error"]["code"] == "body_too_large"
            return
        case.validate_response(answer)

    validate()


def test_every_route_is_described(service: Caller) -> None:
    description = service.get("/openapi.json").json()
    assert description["paths"].keys() == ROUTES.keys()
    schemas = description["components"]["schemas"]
    assert schemas["ExplainAnswer"]["required"] == [
        "model", "classes", "answer", "labels", "not_read", "left_to_right", "words",
        "probabilities",
    ]  # fmt: skip
