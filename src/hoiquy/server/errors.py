"""What goes wrong with a request, as the answer says it."""

from typing import Any


class ApiError(Exception):
    """An answer that is no success: `{"error": {"code": ..., "message": ...}}`.

    code: for programs, one word. message: one line for people; it never repeats a text that was
    sent. details: further members of "error". retry_after: seconds.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after: int | None = None,
        headers: dict[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = " ".join(message.split())
        self.details = details
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
