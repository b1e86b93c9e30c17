"""The permission matrix, from the code: every address and method, who may come in, and what everybody else gets.

``python tools/matrix.py`` writes docs/permissions.md anew; ``--check`` says what is wrong with it, and which view says
nothing of who may come in.
"""

import argparse
import inspect
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import django
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from django.utils import translation

from tanhui.site import translations

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/permissions.md"
ALL = ("GET", "POST", "PUT", "PATCH", "DELETE")
CONVERTER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
# The frame stands below everything that knows people, so its pages are everybody's; and what the API says of itself.
EVERYBODYS_ROOM = "ui:"
EVERYBODYS = {"api:openapi-json", "api:openapi-view"}


@dataclass(frozen=True)
class Route:
    """An address with its methods. ``address`` has its parameters in braces; ``right`` is ``None`` if nobody said."""

    address: str
    name: str
    methods: tuple[str, ...]
    right: Any
    is_api: bool = False

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.address)


# -- walking -----------------------------------------------------------------------------------------------------------


def routes() -> list[Route]:
    """Every address of the product, in the order in which they are looked up; of two for one address the first."""
    from tanhui.identity.rights import PUBLIC

    found: dict[str, list[Route]] = {}
    for view, address, name in patterns(get_resolver().url_patterns):
        is_api = name.startswith("api:")
        if is_api and name not in EVERYBODYS:
            continue  # the operations, which follow below
        everybodys = name.startswith(EVERYBODYS_ROOM) or is_api
        right = PUBLIC if everybodys else getattr(view, "right", None)
        if address not in found:
            found[address] = split(
                Route(address, name, methods(view), right, is_api), getattr(view, "post_right", right)
            )
    return [*itertools.chain(*found.values()), *operations()]


def split(route: Route, post: Any) -> list[Route]:
    """Two routes where sending the form takes another right than looking."""
    if post == route.right:
        return [route]
    looking = tuple(one for one in route.methods if one != "POST")
    return [replace(route, methods=looking), replace(route, methods=("POST",), right=post)]


def patterns(
    listed: Iterable[URLPattern | URLResolver], prefix: str = "/", space: str = ""
) -> Iterator[tuple[Callable[..., Any], str, str]]:
    """View, address and name of everything the resolver knows."""
    for one in listed:
        address = prefix + readable(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, address, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield one.callback, address, space + (one.name or "")


def readable(pattern: Any) -> str:
    if isinstance(pattern, RegexPattern):
        return GROUP.sub(r"{\1}", str(pattern)).lstrip("^").rstrip("$")
    return CONVERTER.sub(r"{\1}", str(pattern))


def methods(view: Callable[..., Any]) -> tuple[str, ...]:
    """What a page answers to: what its decorators allow, or its class has; ``ALL`` when nothing limits it."""
    if view_class := getattr(view, "view_class", None):
        return tuple(one for one in ALL if hasattr(view_class, one.lower()))
    layer: Callable[..., Any] | None = view
    while layer is not None:
        allowed = inspect.getclosurevars(layer).nonlocals.get("request_method_list") if closed(layer) else None
        if allowed:
            return tuple(one for one in ALL if one in allowed)
        layer = getattr(layer, "__wrapped__", None)
    return ALL


def closed(layer: Callable[..., Any]) -> bool:
    return inspect.isfunction(layer) and layer.__closure__ is not None


def operations() -> Iterator[Route]:
    """Every operation of the API."""
    from tanhui.site.api import api

    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            address = "/api/v1/" + "/".join(part.strip("/") for part in (router.prefix, path) if part.strip("/"))
            for one in view.operations:
                right = getattr(one.view_func, "right", None)
                yield Route(
                    re.sub(r"{(?:\w+:)?(\w+)}", r"{\1}", address), one.operation_id or one.view_func.__name__,
                    tuple(one.methods), right, is_api=True,
                )  # fmt: skip


# -- writing -----------------------------------------------------------------------------------------------------------

HEAD = """\
# 权限表 Permission matrix

由程序生成（`python tools/matrix.py`），请勿手改。`make check` 核对它与程序一致；
`tests/permissions` 以每一种身份走遍每一个地址，核对实际结果与本表一致。

* **权限**：稳定的名称；带点的名称也是程序接口客户端所需的权限范围（scope）。
* **谁的**：本机构的，或任何机构的。他人的与不存在的，回答完全相同（404）。
* **其他人**：未登录者先登录（页面转到登录页，接口 401）；无关者 404；缺少签署权的同事被告知（403）。
  接口先核对请求的格式（422）；格式是公开的。

Generated from the code; `make check` compares the two, and `tests/permissions` walks every address as everyone.

* **Right**: a stable name; with a dot in it, it is also the scope an API client needs.
* **Whose**: one's own organisation's, or any's. What belongs to others is answered exactly like what does not exist.
* **Everybody else**: strangers sign in first (pages: to the log-in page; API: 401); those it does not concern get 404;
  a colleague who lacks the capacity is told (403). The API checks a request's shape first (422), which is public.
"""


def document(found: list[Route]) -> str:
    """docs/permissions.md."""
    pages, api = [one for one in found if not one.is_api], [one for one in found if one.is_api]
    return "\n".join([HEAD, legend(), *table("页面 Pages", pages), *table("程序接口 API", api)])


def legend() -> str:
    from tanhui.identity.models import Duty, Mandate, Organisation

    lines = ["## 机构与签署权 Organisations, capacities, duties", "", "| 代码 Code | 中文 | English |", "|---|---|---|"]
    for choice in [*Organisation.Role, *Mandate.Capacity, *Duty.Kind]:
        with translation.override("zh-hans"):
            chinese = str(choice.label)
        with translation.override("en"):
            lines.append(f"| `{choice.value}` | {chinese} | {choice.label} |")
    return "\n".join([*lines, ""])


def table(title: str, found: list[Route]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| 地址 Address | 方法 Method | 权限 Right | 谁可进入 Who may come in | 谁的 Whose | 其他人 Everybody else |"
    yield "|---|---|---|---|---|---|"
    for one in found:
        said = "任何 any" if one.methods == ALL else ", ".join(one.methods)
        cells = [f"`{one.address}`", said, f"`{one.right.name}`", who(one), whose(one), others(one)]
        yield f"| {' | '.join(cells)} |"
    yield ""


def who(route: Route) -> str:
    right = route.right
    match right.audience:
        case "PUBLIC":
            return "任何人 everyone"
        case "PERSON":
            return "登录者 whoever is signed in"
        case "DUTY":
            return f"当值人员 staff on duty: {codes(right.duties)}"
    members = f"{codes(right.roles)} 的成员 members" if right.roles else "机构成员 members"
    return members if right.capacities <= {"VIEW"} else f"{members}，签署权 capacity: {codes(right.capacities)}"


def whose(route: Route) -> str:
    if route.right.audience in {"PUBLIC", "DUTY"}:
        return "–"
    if route.right.whose == "ANY":
        return "任何 any"
    return "本机构 own" if route.right.audience == "MEMBER" else "本人的 own"


def others(route: Route) -> str:
    right = route.right
    if right.audience == "PUBLIC":
        return "–"
    said = ["401" if route.is_api else "登录 sign in"]
    if right.audience != "PERSON" or route.parameters:
        said.append("404")
    if right.audience == "MEMBER" and not right.capacities <= {"VIEW"}:
        said.append("403")
    return ", ".join(said)


def codes(names: Iterable[str]) -> str:
    return " ".join(f"`{one}`" for one in sorted(names))


# -- the program -------------------------------------------------------------------------------------------------------


def unsaid(found: Iterable[Route]) -> list[str]:
    """The addresses nobody said of who may come in."""
    return [f"{one.address} ({one.name}) does not say who may come in: @rights.needs" for one in found if not one.right]


def faults() -> list[str]:
    """What is wrong: views without a right, and a document that is not what the code says."""
    found = routes()
    if said := unsaid(found):
        return said
    if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != document(found):
        return ["docs/permissions.md is not what the code says; write it anew: python tools/matrix.py"]
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="say what is wrong, write nothing")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
    translations.bring_up_to_date()
    django.setup()
    if asked.check:
        found = faults()
        print("\n".join(found))
        return 1 if found else 0
    walked = routes()
    if said := unsaid(walked):
        print("\n".join(said))
        return 1
    DOCUMENT.write_text(document(walked), encoding="utf-8")
    print(f"{len(walked)} addresses, {sum(len(one.methods) for one in walked)} with their methods")
    return 0


if __name__ == "__main__":
    sys.exit(main())
