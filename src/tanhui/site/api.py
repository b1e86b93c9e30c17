"""The API object: what every room offers under ``/api/v1``, who may ask, and how the description reads."""

import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from django.utils import timezone
from ninja import NinjaAPI
from ninja.constants import NOT_SET
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.security import APIKeyCookie, HttpBearer

from tanhui.identity import access as people
from tanhui.identity import fresh, programs, second_factor
from tanhui.identity.models import Person
from tanhui.registry.api.answers import KEY
from tanhui.site import problems

DESCRIPTION = """
碳汇登记簿的程序接口：与网页同一套业务规则。

* 身份：`Authorization: Bearer <令牌>`，或已登录的会话加 `X-CSRFToken`。程序以 OAuth 2.0 客户端凭证在
  `/identity/o/api/token` 换取 10 分钟有效的令牌，权限范围（scope）即所请求操作的权限名。无权查看者一律得到 404。
* 数量：整数吨（`…_t`），1 单位 = 1 tCO₂e，最大 9007199254740991（2⁵³−1）；1.5、"5"、-1 均不接受。
* 幂等：移动或占用单位的 POST 必须带 `Idempotency-Key`（1–64 个可见 ASCII 字符，按 IETF 草案的用法）；
  同键同内容得到同一结果，同键异内容为 422。
* 并发：指令带 `ETag`，决定时可带 `If-Match`；已变则 412。
* 时间：UTC，RFC 3339；`date` 为北京时间的日历日。
* 列表：`cursor`、`limit`（≤ 200）；下一页的地址在正文 `next` 与 `Link` 头。
* 错误：一律 `application/problem+json`（RFC 9457），`code` 稳定，`clause` 为依据。
"""


class Bearer(HttpBearer):
    """A person's token, the short one a program fetched with its secret, or that of an app a person let in."""

    openapi_description = (
        "A person's token, which may do what the person may; or the access token of a program (OAuth 2.0, client "
        "credentials), which may do what its scopes say."
    )

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        now = timezone.now()
        asking: Any = request
        asking.scopes, asking.app_of = None, ""  # everything the person may
        if (person := people.person_by_token(token, at=now)) is not None:
            return person
        if (program := programs.by_token(token, at=now)) is not None:
            someone, asking.scopes = program
            return someone
        if (granted := programs.by_grant(token, at=now)) is not None:
            someone, asking.scopes, asking.app_of = granted
            return someone
        return None


# What moves no value may be sent by whoever signed in this morning: a long upload must not end at the next question.
HANDING_IN = ("/api/v1/uploads", "/api/v1/exports")


class Session(APIKeyCookie):
    """A signed-in visitor of the pages, with the CSRF token when something is to change."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The session of the pages; requests that change something also send X-CSRFToken."

    def __call__(self, request: HttpRequest) -> Person | None:
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        found: Person | None = super().__call__(request)
        return found

    def authenticate(self, request: HttpRequest, key: str | None) -> Person | None:
        if not isinstance(request.user, Person):
            return None
        now = timezone.now()
        asking: Any = request
        asking.scopes = None
        if request.method not in {"GET", "HEAD"}:  # as on the pages
            if second_factor.missing(request.user, at=now):
                raise second_factor.Missing
            if not fresh.recent(request, at=now) and not request.path.startswith(HANDING_IN):
                raise fresh.Stale
        return request.user


class StrictParser(Parser):
    """JSON as RFC 8259 has it and a database can keep it: every name once, no NaN, no NUL, no half characters."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise problems.MediaTypeUnsupported(given=(request.content_type or "–")[:80])
        try:
            found = json.loads(request.body.decode(), object_pairs_hook=once, parse_constant=never)
            storable(found)
        except (ValueError, RecursionError) as error:
            raise problems.BodyNotJson(reason=str(error)[:120]) from error
        return found


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def never(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


def storable(value: Any) -> None:
    """``ValueError`` for text that is no text: NUL, or half of a surrogate pair."""
    match value:
        case str():
            if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
                raise ValueError("a text contains U+0000 or half a character")
        case dict():
            for name, inner in value.items():
                storable(name)
                storable(inner)
        case list():
            for inner in value:
                storable(inner)


def nothing_here(request: HttpRequest) -> HttpResponse:
    raise problems.NotFound


class Api(NinjaAPI):
    """NinjaAPI whose every refusal is a problem, and whose description says so."""

    def set_default_exception_handlers(self) -> None:
        self.add_exception_handler(Exception, problems.of)

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        # Any other address too is answered with a problem; line breaks are part of it.
        found = [*super()._get_urls(), re_path(r"[\s\S]*", nothing_here)]
        for pattern in found:
            if isinstance(pattern, URLPattern):
                pattern.callback = problems.guarded(pattern.callback)
        return found

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**options)
        shape = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        described["components"]["schemas"] |= shape.pop("$defs", {}) | {"Problem": shape}
        content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        described["components"]["responses"] = {
            "Problem": {"description": "拒绝或失败；什么都没有改变。", "content": content}
        }
        said = {"$ref": "#/components/responses/Problem"}
        for operations in described["paths"].values():
            for operation in operations.values():
                for parameter in operation.get("parameters", []):
                    parameter["required"] |= parameter["name"] == KEY
                operation["responses"] = {str(status): one for status, one in operation["responses"].items()}
                operation["responses"] |= {"4XX": said, "5XX": said}
        return described


api = Api(
    title="碳汇 · 碳惠 API", version="1.0.0", description=DESCRIPTION, urls_namespace="api",
    openapi_url="openapi.json", docs_url="docs", parser=StrictParser(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)  # fmt: skip
for room in settings.ROOMS:
    found = find_spec(f"tanhui.{room}.api")
    if found and found.origin:  # an empty folder is not yet a module
        # What the portal answers is everybody's; of every other room a person is asked.
        router = import_module(f"tanhui.{room}.api").router
        api.add_router("", router, auth=NOT_SET if room == "portal" else [Bearer(), Session()])
