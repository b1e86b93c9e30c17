"""What the endpoints share: who asks, the header that makes repeating safe, and files."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Header
from pydantic import WithJsonSchema

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Person

KEY = "Idempotency-Key"
PDF: dict[str, Any] = {
    "responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}
}
# Not required of the framework, so that a missing key is refused by its own rule; the description says it is required.
Key = Annotated[
    str,
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"}),
    Header(
        default="",
        alias=KEY,
        description="1 to 64 visible ASCII characters; the same key and body give the same answer.",
    ),
]
Match = Annotated[
    str,
    Header(
        default="", alias="If-Match", description="The ETag you decided on; 412 when the instruction has changed since."
    ),
]


def caller(request: HttpRequest) -> Person:
    """The person who asks; the router's authentication has put them there."""
    person: Person = request.auth  # type: ignore[attr-defined]
    return person


def key(given: str) -> str:
    """The caller's key for this request. Refuses with ``identity.reference_unusable``, a missing one too."""
    return instructions.check_reference(given)


def pdf(made: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    )
