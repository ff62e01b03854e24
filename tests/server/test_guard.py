"""Keys, names of hosts, tickets, and the headers of every answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import KEY, Caller, serving

from hoiquy.server.auth import is_valid_ticket

HOSTS = frozenset({"127.0.0.1", "localhost"})
BEARER = f"Bearer {KEY}"


@pytest.fixture(scope="module")
def guarded(trained: Path) -> Iterator[Caller]:
    with serving(trained, key=KEY, hosts=HOSTS) as caller:
        yield caller


@pytest.mark.parametrize("path", ["/api/models", "/api/runs", "/metrics", "/report", "/x", "/docs"])
def test_without_the_key_nothing_is_told(guarded: Caller, path: str) -> None:
    answer = guarded.get(path)
    assert (answer.status, answer.code) == (401, "key_needed")
    assert answer.headers["www-authenticate"] == "Bearer"
    for wrong in ("Bearer ", f"Bearer {KEY}x", f"Basic {KEY}", KEY, "Bearer ÿ"):
        assert guarded.get(path, authorization=wrong).status == 401
    assert guarded.get(path, authorization=BEARER).status in (200, 404)


def test_the_page_and_the_signs_of_life_are_open(guarded: Caller) -> None:
    for path in ("/", "/health", "/ready", "/assets/report/theme.js", "/assets/texts/vi.json"):
        assert guarded.get(path).status == 200, path
    assert guarded.get("/assets/../api/models").status in (401, 404)


def test_a_ticket_opens_the_report_and_nothing_else(
    guarded: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert guarded.post("/api/ticket", {}).status == 401
    ticket = guarded.post("/api/ticket", {}, authorization=BEARER).json()["ticket"]
    assert guarded.get(f"/report?ticket={ticket}").status == 200
    assert guarded.get(f"/api/models?ticket={ticket}").status == 401
    ends, _, signature = ticket.partition(".")
    for wrong in ("", ".", f"{int(ends) + 9}.{signature}", f"{ends}.{signature[:-1]}", "١.x"):
        assert not is_valid_ticket(wrong, KEY)
    assert not is_valid_ticket(ticket, KEY + "x")
    monkeypatch.setattr("time.time", lambda: int(ends) + 1)
    assert not is_valid_ticket(ticket, KEY)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", ""])
def test_other_names_are_turned_away(guarded: Caller, host: str) -> None:
    answer = guarded.get("/health", host=host)
    assert (answer.status, answer.content) == (400, b"Invalid host header")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1:8000"])
def test_its_own_names_are_answered(guarded: Caller, host: str) -> None:
    assert guarded.get("/health", host=host).status == 200


def test_every_answer_has_the_headers(guarded: Caller) -> None:
    for answer in (guarded.get("/health"), guarded.get("/x"), guarded.get("/health", host="x")):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
    preflight = guarded.send("OPTIONS", "/api/predict", origin="https://evil.example")
    assert preflight.status == 401 and "access-control-allow-origin" not in preflight.headers
