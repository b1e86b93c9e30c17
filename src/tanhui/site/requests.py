"""One line per request and per event: time, level, who speaks, which request, then ``name=value`` facts.

With ``TANHUI_LOG=json`` each line is a JSON object of the same. No line names a person: paths whose parts are secrets
are written as their pattern, and neither queries, bodies nor headers are written at all.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from tanhui.kernel.refusal import Refusal
from tanhui.site import environment

current: ContextVar[str] = ContextVar("request", default="-")
refused: ContextVar[set[str] | None] = ContextVar("refused", default=None)
log = logging.getLogger("tanhui.request")
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
SECRETS = {"uidb36", "token"}  # parts of an address that must not be written down


def hear(refusal: Refusal) -> None:
    """Remember what the request under way is refused with."""
    if (codes := refused.get()) is not None:
        codes.add(refusal.code)


Refusal.heard.append(hear)


class RequestLine:
    """Gives every request an id, tells it to the caller (``X-Request-ID``), logs one line when it is answered, and
    counts it.

    A caller's own id is kept when it is harmless, so that a proxy's log and ours can be read together.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.headers.get("X-Request-ID", "")
        name = asked if ACCEPTABLE.fullmatch(asked) else uuid.uuid4().hex
        request.id = name  # type: ignore[attr-defined]
        codes: set[str] = set()
        tokens = current.set(name), refused.set(codes)
        started = time.perf_counter()
        try:
            response = self.answer(request)
            response["X-Request-ID"] = name
            told(request, response.status_code, time.perf_counter() - started, codes)
            return response
        finally:
            current.reset(tokens[0])
            refused.reset(tokens[1])


def told(request: HttpRequest, status: int, seconds: float, codes: set[str]) -> None:
    """Log and count one answered request."""
    from tanhui.site import metrics  # asks rooms, which are not there yet when the middleware is made

    match = request.resolver_match
    route = (
        match.route if match else "static" if request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/") else "-"
    )
    path = f"/{route}" if match and SECRETS & set(match.kwargs) else request.path
    facts = {"method": request.method, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
    if codes:
        facts["refused"] = ",".join(sorted(codes))
    said = " ".join(f"{key}={value}" for key, value in facts.items())
    log.info("%s", said, extra={"facts": facts | {"route": route}})
    metrics.observe(route=route, method=request.method or "", status=status, seconds=seconds, refused=codes)


class Line(logging.Formatter):
    """A record as one line, whatever it contains: line breaks are written as ``\\n``; or as one JSON object."""

    def __init__(self) -> None:
        super().__init__()
        self.as_json = environment.choice("TANHUI_LOG", "line", "json", default="line") == "json"

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = record.getMessage()
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if self.as_json:
            whole = {"at": at, "level": record.levelname.lower(), "logger": record.name, "request": current.get()}
            whole |= getattr(record, "facts", {"message": said}) | ({"trace": trace} if trace else {})
            return json.dumps(whole, ensure_ascii=False, default=str)
        if trace:
            said += "\n" + trace
        head = f"{at} {record.levelname.lower()} {record.name} request={current.get()}"
        return f"{head} {said}".replace("\r", "\\r").replace("\n", "\\n")
