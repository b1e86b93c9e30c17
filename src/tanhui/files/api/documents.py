"""Documents about a subject, their versions, and the bytes."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import Query, Router

from tanhui.files import access, queries, serving
from tanhui.files.api import shapes
from tanhui.identity import rights

router = Router(tags=["文件"])
MAY_READ = rights.person("files.read")
Subject = Annotated[str, Query(max_length=120, description="As registry.project:000001.")]
BYTES: dict[str, Any] = {
    "responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
}


@router.get("/documents", response=shapes.Papers, operation_id="listDocuments", summary="某一对象的材料")
@rights.needs(MAY_READ)
def listed(request: HttpRequest, subject: Subject) -> shapes.Papers:
    """The papers of a subject; what is withheld from you is listed with its reason."""
    found = queries.listed(subject.replace("\x00", ""), shapes.caller(request), timezone.now())
    return shapes.Papers(items=[shapes.paper(one.document, one.versions) for one in found])


@router.get("/documents/{key}", response=shapes.Paper, operation_id="getDocument", summary="一份材料及其版本")
@rights.needs(MAY_READ)
def document(request: HttpRequest, key: str) -> shapes.Paper:
    """A document with every version, newest first."""
    found = access.document(shapes.caller(request), key, at=timezone.now())
    return shapes.paper(found, queries.versions(found))


@router.get(
    "/documents/{key}/{number}", response=None, operation_id="getDocumentBytes", summary="下载一个版本",
    openapi_extra=BYTES,
)  # fmt: skip
@rights.needs(MAY_READ)
def content(request: HttpRequest, key: str, number: int) -> HttpResponseBase:
    """The bytes of a version. Answers Range and If-None-Match; its ETag is its SHA-256."""
    return serving.version(request, access.version(shapes.caller(request), key, number, at=timezone.now()))
