"""One line per request and per event: time, level, who speaks, which request, then ``name=value`` facts."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponseBase

current: ContextVar[str] = ContextVar("request", default="-")
log = logging.getLogger("tanhui.request")
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestLine:
    """Gives every request an id, tells it to the caller (``X-Request-ID``), and logs one line when it is answered.

    A caller's own id is kept when it is harmless, so that a proxy's log and ours can be read together.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.headers.get("X-Request-ID", "")
        name = asked if ACCEPTABLE.fullmatch(asked) else uuid.uuid4().hex
        request.id = name  # type: ignore[attr-defined]
        token = current.set(name)
        started = time.perf_counter()
        try:
            response = self.answer(request)
            response["X-Request-ID"] = name
            took = (time.perf_counter() - started) * 1000
            log.info("method=%s path=%s status=%d ms=%.1f", request.method, request.path, response.status_code, took)
            return response
        finally:
            current.reset(token)


class Line(logging.Formatter):
    """A record as one line, whatever it contains: line breaks are written as ``\\n``."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = record.getMessage()
        if record.exc_info:
            said += "\n" + self.formatException(record.exc_info)
        head = f"{at} {record.levelname.lower()} {record.name} request={current.get()}"
        return f"{head} {said}".replace("\r", "\\r").replace("\n", "\\n")
