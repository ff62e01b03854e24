"""Callers who send too much, too slowly, nothing at all, or nonsense: the others notice nothing."""

import socket
import threading
from contextlib import ExitStack
from http.client import HTTPResponse
from pathlib import Path

import pytest
from running import Answer, Caller, answer_of, serving, until

HEAD = b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
MANY = 1_000


def answer_on(connection: socket.socket) -> Answer:
    response = HTTPResponse(connection, method="POST")
    response.begin()
    return answer_of(response)


def ends(connection: socket.socket) -> bool:
    """Whether the service hangs up, without a word or after one."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def test_a_body_that_says_it_is_too_large_is_refused_unread(service: Caller) -> None:
    with service.raw(HEAD + b"Content-Length: 100000000\r\n\r\n") as connection:
        answer = answer_on(connection)
    assert (answer.status, answer.code) == (413, "body_too_large")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_hundred_megabytes_gets_its_answer(
    service: Caller, chunked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoiquy.server.connection.LINGER_SECONDS", 60)  # a busy machine is slow
    part = b" " * 2**20
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % (100 * 2**20)
    with service.raw(HEAD + length + b"\r\n\r\n") as connection:
        sent = 0
        try:
            for _ in range(100):
                connection.sendall(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
                sent += 1
        except ConnectionError:
            pass
        assert sent == 100  # it was drained: the caller could read the answer
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        assert answer_on(connection).code == "body_too_large"
        # The connection is good for another request.
        body = b'{"text": "mango"}'
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        assert answer_on(connection).status == 200


def test_who_sends_on_after_a_refusal_is_hung_up_on(
    service: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoiquy.server.connection.LINGER_SECONDS", 0.1)
    with service.raw(HEAD + b"Content-Length: 100000000\r\n\r\n") as connection:
        assert answer_on(connection).status == 413
        assert ends(connection)


@pytest.mark.parametrize("begun", [b"", b'{"te'])
def test_a_body_that_does_not_come_is_given_up(
    service: Caller, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr("hoiquy.server.middleware.BODY_SECONDS", 0.2)
    with service.raw(HEAD + b"Content-Length: 100\r\n\r\n" + begun) as connection:
        answer = answer_on(connection)
        assert (answer.status, answer.code) == (408, "body_too_slow")
        assert ends(connection)


@pytest.mark.parametrize("head", [b"", b"G", b"\r\n", b"GET / HTTP/1.1\r\nHost: loc"])
def test_a_head_that_does_not_come_is_given_up(
    service: Caller, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr("hoiquy.server.connection.HEAD_SECONDS", 0.2)
    with service.raw(head) as connection:
        assert ends(connection)


@pytest.mark.parametrize("head", [b"GET /hea", b"\r\n"])
def test_a_second_head_that_does_not_come_is_given_up(
    service: Caller, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr("hoiquy.server.connection.HEAD_SECONDS", 0.2)
    with service.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        assert answer_on(connection).status == 200
        connection.sendall(head)
        assert ends(connection)


def test_a_full_queue_refuses_a_request_before_its_body(
    service: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = 'hoiquy_requests_total{route="/api/predict",status="429"}'
    before = service.metric(line)
    monkeypatch.setattr(service.service.engine, "waiting", 1024)
    with service.raw(HEAD + b"Content-Length: 100\r\n\r\n") as connection:
        answer = answer_on(connection)
    assert (answer.status, answer.code) == (429, "queue_full")
    assert int(answer.headers["retry-after"]) >= 1
    until(lambda: service.metric(line) == before + 1)


def test_a_head_without_end_is_refused(service: Caller) -> None:
    with service.raw(b"GET / HTTP/1.1\r\n") as connection:
        try:
            for number in range(10_000):
                connection.sendall(b"X-%d: %b\r\n" % (number, b"a" * 100))
        except ConnectionError:
            return
        pytest.fail("it took a megabyte of headers")


def test_a_head_that_is_too_large_gets_its_answer(service: Caller) -> None:
    with service.raw(b"GET /health HTTP/1.1\r\nX: %b" % (b"a" * 40_000)) as connection:
        response = HTTPResponse(connection)
        response.begin()
        assert response.status == 431


def test_what_is_sent_during_a_request_is_bounded(
    service: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoiquy.server.connection.MAX_REQUEST_BYTES", 1000)
    with service.raw(HEAD + b"Content-Length: 100000\r\n\r\n") as connection:
        connection.sendall(b" ")
        until(lambda: service.metric("hoiquy_body_bytes") == 1)
        connection.sendall(b" " * 2000)
        assert ends(connection)
    until(lambda: service.metric("hoiquy_body_bytes") == 0)


@pytest.mark.parametrize(
    "nonsense", [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n" * 2]
)
def test_what_is_no_http_ends_the_connection(service: Caller, nonsense: bytes) -> None:
    with service.raw(nonsense) as connection:
        content = b""
        try:
            while part := connection.recv(65536):
                content += part
        except ConnectionError:
            pass
        assert content.startswith(b"HTTP/1.1 400") or content.startswith(b"HTTP/1.1 404")
    assert service.get("/health").status == 200


def test_requests_that_come_at_once_are_answered_in_order(service: Caller) -> None:
    paths = [b"/health", b"/none", b"/ready", b"/api/models"]
    asked = b"".join(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path for path in paths)
    with service.raw(asked) as connection:
        response_file = connection.makefile("rb")
        statuses = []
        for _ in paths:
            statuses.append(int(response_file.readline().split()[1]))
            length = 0
            while (line := response_file.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            response_file.read(length)
        assert statuses == [200, 404, 200, 200]


def test_head_requests_end_and_keep_the_connection(service: Caller) -> None:
    with service.raw(b"HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        response = HTTPResponse(connection, method="HEAD")
        response.begin()
        assert response.status == 200 and response.read() == b""
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer_on(connection).json() == {"status": "ok"}


def test_a_thousand_idle_connections_are_in_nobodys_way(trained: Path) -> None:
    with serving(trained, default="lstm") as caller, ExitStack() as stack:
        for number in range(MANY):
            begun = HEAD + b"Content-Length: 100\r\n\r\n{" if number % 2 else b""
            stack.enter_context(caller.raw(begun))
        for _ in range(20):
            assert caller.predict("mango", "lemon").status == 200


def test_many_callers_at_once_all_get_their_own_answer(service: Caller) -> None:
    texts = [f"word{number} {'mango' if number % 2 else 'lemon'}" for number in range(8)]
    expected = [service.predict(text).json()["answers"] for text in texts]
    wrong: list[int] = []

    def call(number: int) -> None:
        for _ in range(20):
            answer = service.predict(texts[number]).json()["answers"][0]
            close = pytest.approx(expected[number][0]["probabilities"], abs=1e-6)
            if answer["probabilities"] != close:
                wrong.append(number)

    threads = [threading.Thread(target=call, args=[number]) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_all_bodies_together_are_bounded(service: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hoiquy.server.middleware.MAX_TOTAL_BODY_BYTES", 1000)
    held = HEAD + b"Content-Length: 2000\r\n\r\n" + b" " * 900
    with service.raw(held):
        until(lambda: service.metric("hoiquy_body_bytes") == 900)
        answer = service.predict("mango " * 50)
        assert (answer.status, answer.code) == (429, "too_many_bodies")
        assert service.predict("mango").status == 200
    until(lambda: service.metric("hoiquy_body_bytes") == 0)
    assert service.predict("mango " * 50).status == 200
