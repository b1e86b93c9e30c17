"""What the API says when it says no: RFC 9457 problems, one shape for every 4xx and 5xx.

The domain's refusals pass through with their code, facts and clause. What the web itself refuses (no such address, no
JSON, too large) is a refusal of this room, so that a caller meets one kind of answer only.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from ninja import Field, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
log = logging.getLogger("tanhui.api")


class NotSignedIn(Refusal):
    code = "site.not_signed_in"
    sentence = gettext_noop(
        "Say who you are: send “Authorization: Bearer” with a token that has not run out, or sign in."
    )
    clause = "RFC 6750 §3"
    status = 401


class CrossSite(Refusal):
    code = "site.cross_site"
    sentence = gettext_noop(
        "The request came with a session but without its CSRF token. "
        "Send the token in X-CSRFToken, or use a bearer token."
    )
    clause = "GB/T 22239-2019 8.1.4.1"
    status = 403


class NotFound(Refusal):
    code = "site.not_found"
    sentence = gettext_noop("There is nothing here for you to see. Check the address and the numbers in it.")
    clause = "RFC 9110 §15.5.5"
    status = 404


class MethodUnsupported(Refusal):
    code = "site.method_unsupported"
    sentence = gettext_noop("%(method)s is not possible here. Possible: %(allowed)s.")
    clause = "RFC 9110 §15.5.6"
    status = 405


class TooLarge(Refusal):
    code = "site.body_too_large"
    sentence = gettext_noop("The request is larger than this server reads. Split it.")
    clause = "RFC 9110 §15.5.14"
    status = 413


class MediaTypeUnsupported(Refusal):
    code = "site.media_type_unsupported"
    sentence = gettext_noop("The body is %(given)s. Send JSON, with “Content-Type: application/json”.")
    clause = "RFC 9110 §15.5.16"
    status = 415


class BodyNotJson(Refusal):
    code = "site.body_not_json"
    sentence = gettext_noop("The body is not JSON: %(reason)s. Correct it and send it again.")
    clause = "RFC 8259"
    status = 400


class RequestUnreadable(Refusal):
    code = "site.request_unreadable"
    sentence = gettext_noop("The request cannot be read. Check how it was made.")
    clause = "RFC 9110 §15.5.1"
    status = 400


class RequestMisshapen(Refusal):
    code = "site.request_misshapen"
    sentence = gettext_noop(
        "%(count)s places in the request are not as the API description has them: %(places)s. Correct them."
    )
    clause = "OpenAPI 3.1"
    status = 422


class Unexpected(Refusal):
    code = "site.unexpected"
    sentence = gettext_noop(
        "Something failed here, and nothing was changed. Tell the operator the request number %(request)s."
    )
    clause = "RFC 9110 §15.6.1"
    status = 500


# The short name of a kind of problem; which one it is exactly, ``code`` and ``detail`` say.
TITLES = {
    400: gettext_noop("The request cannot be read"),
    401: gettext_noop("Sign in first"),
    403: gettext_noop("Not permitted"),
    404: gettext_noop("Not found"),
    405: gettext_noop("Method not possible"),
    409: gettext_noop("The register's rules do not allow this"),
    412: gettext_noop("Changed in the meantime"),
    413: gettext_noop("Too large"),
    415: gettext_noop("Not JSON"),
    422: gettext_noop("The request is not right"),
    500: gettext_noop("Failed here"),
    503: gettext_noop("Not available now"),
}


class Fault(Schema):
    """One place of the request that is not as described."""

    at: str = Field(description="Where: body, query, path or header, then names and positions.")
    says: str = Field(description="What is wrong there.")


class Problem(Schema):
    """Why a request was refused, or failed (RFC 9457). Nothing was changed."""

    type: str = Field(json_schema_extra={"format": "uri-reference"}, description="The page that explains this refusal.")
    title: str = Field(description="The kind of problem in the language of Accept-Language (zh-hans or en).")
    status: int
    detail: str = Field(description="The sentence, with the facts in it and what to do.")
    instance: str = Field(description="The number of this request, also in X-Request-ID.")
    code: str = Field(description="Stable: room.rule.", pattern=r"^[a-z]+\.[a-z][a-z0-9_]*$")
    facts: dict[str, Any] = Field(description="What the sentence says, for machines.")
    clause: str = Field(description="The law, policy, standard or house rule it rests on.")
    errors: list[Fault] = Field(description="For a misshapen request, each place.")


def answer(request: HttpRequest, refusal: Refusal, faults: list[Fault] | None = None) -> HttpResponse:
    """The refusal as ``application/problem+json`` in the caller's language."""
    spoken = get_language() or "en"
    problem = Problem(
        type=f"/refusals/{refusal.code}",
        title=language.translate(TITLES.get(refusal.status, TITLES[409]), spoken),
        status=refusal.status,
        detail=refusal.say(spoken),
        instance=request_id(request),
        code=refusal.code,
        facts={name: plain(fact) for name, fact in refusal.facts.items()},
        clause=refusal.clause,
        errors=faults or [],
    )
    response = JsonResponse(
        problem.model_dump(), status=refusal.status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False}
    )
    if refusal.status == NotSignedIn.status:
        response["WWW-Authenticate"] = 'Bearer realm="tanhui"'
    return response


def request_id(request: HttpRequest) -> str:
    return str(getattr(request, "id", ""))


def plain(fact: Any) -> Any:
    """A fact as JSON holds it."""
    match fact:
        case None | bool() | int() | float() | str():
            return fact
        case datetime() | date():
            return fact.isoformat()
        case Mapping():
            return {str(name): plain(inner) for name, inner in fact.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in fact]
    return str(fact)


def of(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The problem for whatever was raised; what nobody foresaw is logged with its trace and told without."""
    match error:
        case Refusal():
            return answer(request, error)
        case ValidationError():
            return misshapen(request, error)
        case Http404():
            return answer(request, NotFound())
        case AuthenticationError():
            return answer(request, NotSignedIn())
        case HttpError(__cause__=Refusal() as refusal):  # the parser's, wrapped by the framework
            return answer(request, refusal)
        case HttpError(status_code=403):
            return answer(request, CrossSite())
        case RequestDataTooBig():
            return answer(request, TooLarge())
        case HttpError(status_code=400) | SuspiciousOperation():
            return answer(request, RequestUnreadable())
    log.error("unexpected %r", error, exc_info=error if isinstance(error, Exception) else None)
    return answer(request, Unexpected(request=request_id(request)))


def misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [
        Fault(at=".".join(str(step) for step in one["loc"])[:200], says=str(one["msg"])[:200])
        for one in error.errors[:MOST_ERRORS]
    ]
    places = ", ".join(fault.at for fault in faults)
    return answer(request, RequestMisshapen(count=len(error.errors), places=places), faults)


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of the API whose every refusal is a problem, those of the framework around it too."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:
            response = of(request, error)
        if response.status_code == MethodUnsupported.status:
            allowed = response["Allow"]
            response = answer(request, MethodUnsupported(method=request.method, allowed=allowed))
            response["Allow"] = allowed
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # a session's token is checked by its own authentication
    return answered
