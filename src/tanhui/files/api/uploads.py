"""Resumable uploads as tus 1.0.0 has them: creation, termination, expiration, checksum."""

import base64
import binascii
import re
from collections.abc import Callable
from functools import wraps
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date
from ninja import Field, Header, Router, Schema
from ninja.decorators import decorate_view

from tanhui.files import access, kinds
from tanhui.files.acts import encoding, pieces, receiving
from tanhui.files.api import shapes
from tanhui.files.models import Upload
from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal, gettext_noop

TUS = "1.0.0"
EXTENSIONS = "creation,termination,expiration,checksum"
OFFSET_STREAM = "application/offset+octet-stream"
BYTES = re.compile(r"[0-9]{1,15}")
MAY_UPLOAD = rights.person("files.upload")
router = Router(tags=["上传"])


class TusVersionUnsupported(Refusal):
    code = "files.tus_version_unsupported"
    sentence = gettext_noop("Send “Tus-Resumable: %(spoken)s”; no other version of the protocol is spoken here.")
    clause = "tus 1.0.0: Tus-Resumable"
    status = 412


class TusHeaderWrong(Refusal):
    code = "files.tus_header_wrong"
    sentence = gettext_noop("The header %(header)s is missing or cannot be read. Send it as the protocol has it.")
    clause = "tus 1.0.0"
    status = 400


class NotAnOffsetStream(Refusal):
    code = "files.not_an_offset_stream"
    sentence = gettext_noop("Send the bytes as %(wanted)s; %(given)s cannot be taken.")
    clause = "tus 1.0.0: PATCH"
    status = 415


# None is required of the framework, so that a missing header is refused by the protocol's own rule.
Resumable = Annotated[str, Header(default="", alias="Tus-Resumable", description="The protocol: 1.0.0.")]
Length = Annotated[str, Header(default="", alias="Upload-Length", description="The whole file's size in bytes.")]
Offset = Annotated[str, Header(default="", alias="Upload-Offset", description="Where these bytes begin.")]
Metadata = Annotated[
    str,
    Header(
        default="", alias="Upload-Metadata", description="`filename` and `kind`, each with its Base64 after a blank."
    ),
]
Checksum = Annotated[
    str,
    Header(default="", alias="Upload-Checksum", description="`sha256` and the Base64 of these bytes' hash; optional."),
]


def tus(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Every answer, a refusal too, says which protocol it speaks."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Tus-Resumable"] = TUS
        if response.status_code == TusVersionUnsupported.status:
            response["Tus-Version"] = TUS
        return response

    return answered


@router.api_operation(
    ["OPTIONS"], "/uploads", response={204: None}, operation_id="getUploadProtocol", summary="上传协议（tus 1.0.0）",
    auth=None,
)  # fmt: skip
@decorate_view(tus)
@rights.needs(rights.PUBLIC)
def protocol(request: HttpRequest, response: HttpResponse) -> None:
    """What is spoken here: extensions, the largest file, checksums."""
    response["Tus-Version"] = TUS
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(max(kind.most_bytes for kind in kinds.known()))
    response["Tus-Checksum-Algorithm"] = "sha256"


@router.post("/uploads", response={201: shapes.Received}, operation_id="createUpload", summary="开始上传")
@decorate_view(tus)
@rights.needs(MAY_UPLOAD)
def begin(
    request: HttpRequest, response: HttpResponse,
    tus_resumable: Resumable, upload_length: Length, upload_metadata: Metadata,
) -> shapes.Received:  # fmt: skip
    """Make room for a file; its bytes go to the address in ``Location``."""
    spoken(tus_resumable)
    said = metadata(upload_metadata)
    made = receiving.begin(
        person=shapes.caller(request), name=said.get("filename", ""), kind=said.get("kind", "any"),
        size=number("Upload-Length", upload_length), at=timezone.now(),
    )  # fmt: skip
    response["Location"] = f"{request.path.rstrip('/')}/{made.pk}"
    return told(response, made)


@router.get("/uploads/{key}", response=shapes.Received, operation_id="getUpload", summary="上传状态")
@rights.needs(MAY_UPLOAD)
def state(request: HttpRequest, response: HttpResponse, key: str) -> shapes.Received:
    """How far an upload is, what it was found to be, or why it was refused."""
    return told(response, access.upload(shapes.caller(request), key, at=timezone.now()))


@router.api_operation(
    ["HEAD"], "/uploads/{key}", response={200: None}, operation_id="getUploadOffset", summary="已收到多少字节"
)
@decorate_view(tus)
@rights.needs(MAY_UPLOAD)
def offset(request: HttpRequest, response: HttpResponse, key: str, tus_resumable: Resumable) -> None:
    """Where to go on: ``Upload-Offset``."""
    spoken(tus_resumable)
    told(response, access.upload(shapes.caller(request), key, at=timezone.now()))


@router.patch("/uploads/{key}", response={204: None}, operation_id="appendToUpload", summary="续传")
@decorate_view(tus)
@rights.needs(MAY_UPLOAD)
def append(
    request: HttpRequest, response: HttpResponse, key: str,
    tus_resumable: Resumable, upload_offset: Offset, upload_checksum: Checksum,
) -> None:  # fmt: skip
    """Add bytes where the last request ended. What arrives counts even if the connection breaks."""
    spoken(tus_resumable)
    if request.content_type != OFFSET_STREAM:
        raise NotAnOffsetStream(wanted=OFFSET_STREAM, given=(request.content_type or "–")[:60])
    now = timezone.now()
    done = pieces.append(
        upload=access.upload(shapes.caller(request), key, at=now), stream=request,
        offset=number("Upload-Offset", upload_offset), length=number("Content-Length", length(request)),
        sha256=checksum(upload_checksum), at=now,
    )  # fmt: skip
    told(response, done)


@router.delete("/uploads/{key}", response={204: None}, operation_id="terminateUpload", summary="放弃上传")
@decorate_view(tus)
@rights.needs(MAY_UPLOAD)
def terminate(request: HttpRequest, key: str, tus_resumable: Resumable) -> None:
    """Give an upload up; what was filed from it stays."""
    spoken(tus_resumable)
    receiving.forget(upload=access.upload(shapes.caller(request), key, at=timezone.now()))


class Choice(Schema):
    encoding: str = Field(max_length=20, description="One of the previews' names, as gb18030.")


@router.post("/uploads/{key}/encoding", response=shapes.Received, operation_id="chooseEncoding", summary="选定字符编码")
@rights.needs(MAY_UPLOAD)
def choose(request: HttpRequest, response: HttpResponse, key: str, body: Choice) -> shapes.Received:
    """Say in which encoding a shapefile's attributes are written."""
    found = access.upload(shapes.caller(request), key, at=timezone.now())
    return told(response, encoding.choose(upload=found, encoding=body.encoding))


def told(response: HttpResponse, upload: Upload) -> shapes.Received:
    response["Upload-Offset"] = str(upload.received_bytes)
    response["Upload-Length"] = str(upload.size_bytes)
    response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    response["Cache-Control"] = "no-store"
    return shapes.received(upload)


def spoken(version: str) -> None:
    if version != TUS:
        raise TusVersionUnsupported(spoken=TUS)


def number(name: str, given: str) -> int:
    if not BYTES.fullmatch(given):
        raise TusHeaderWrong(header=name)
    return int(given)


def length(request: HttpRequest) -> str:
    return str(request.META.get("CONTENT_LENGTH") or "0")


def metadata(given: str) -> dict[str, str]:
    """``Upload-Metadata``: names with Base64 values behind a blank, between commas."""
    found: dict[str, str] = {}
    try:
        for pair in filter(None, (part.strip() for part in given.split(","))):
            name, _, value = pair.partition(" ")
            found[name] = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError) as fault:
        raise TusHeaderWrong(header="Upload-Metadata") from fault
    return found


def checksum(given: str) -> bytes | None:
    """The hash in ``Upload-Checksum``, if there is one."""
    if not given:
        return None
    algorithm, _, value = given.partition(" ")
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise TusHeaderWrong(header="Upload-Checksum") from fault
    if algorithm != "sha256" or len(found) != 32:
        raise TusHeaderWrong(header="Upload-Checksum")
    return found
