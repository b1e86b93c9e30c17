"""Lists as files: asked for, followed, fetched."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Field, Router, Schema

from tanhui.files import access, queries, serving
from tanhui.files.acts import exporting
from tanhui.files.api import shapes
from tanhui.files.api.documents import BYTES
from tanhui.identity import rights

router = Router(tags=["导出"])
MAY_EXPORT = rights.person("files.export")
Word = Annotated[str, Field(max_length=200)]


class Wish(Schema):
    """Which list, and as what."""

    name: Annotated[str, Field(max_length=60, description="registry.retirements")]
    parameters: Annotated[dict[Word, Word], Field(max_length=20)] = {}
    form: Literal["csv", "xlsx"] = "csv"


@router.post("/exports", response={202: shapes.Asked}, operation_id="askForExport", summary="申请导出")
@rights.needs(MAY_EXPORT)
def ask(request: HttpRequest, response: HttpResponse, body: Wish) -> shapes.Asked:
    """Ask for a list as a file; the same wish while it is still being made is the same export."""
    made = exporting.ask(
        person=shapes.caller(request), name=body.name, parameters=body.parameters, form=body.form,
        language=get_language() or "en", at=timezone.now(),
    )  # fmt: skip
    response["Location"] = f"{request.path.rstrip('/')}/{made.pk}"
    return shapes.asked(made)


@router.get("/exports", response=shapes.AllAsked, operation_id="listExports", summary="我的导出")
@rights.needs(MAY_EXPORT)
def mine(request: HttpRequest) -> shapes.AllAsked:
    """Your latest exports."""
    return shapes.AllAsked(items=[shapes.asked(one) for one in queries.exports_of(shapes.caller(request))])


@router.get("/exports/{key}", response=shapes.Asked, operation_id="getExport", summary="一次导出的进度")
@rights.needs(MAY_EXPORT)
def export(request: HttpRequest, key: str) -> shapes.Asked:
    """How far an export is."""
    return shapes.asked(access.export(shapes.caller(request), key))


@router.get(
    "/exports/{key}/file", response=None, operation_id="getExportFile", summary="下载导出的文件", openapi_extra=BYTES
)
@rights.needs(MAY_EXPORT)
def file(request: HttpRequest, key: str) -> HttpResponseBase:
    """The bytes of a ready export."""
    return serving.export(request, access.export(shapes.caller(request), key))


@router.delete("/exports/{key}", response={204: None}, operation_id="takeBackExport", summary="删除导出")
@rights.needs(MAY_EXPORT)
def take_back(request: HttpRequest, key: str) -> None:
    """Take an export back, whatever its state."""
    exporting.forget(export=access.export(shapes.caller(request), key))
