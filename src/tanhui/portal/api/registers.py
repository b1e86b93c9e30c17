"""The public registers, searched, filtered and sorted as their pages are; and a search over all of them."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.portal.api.numbers import BatchOut, ProjectOut, batch, project
from tanhui.portal.queries import lines
from tanhui.registry.api import reading, shapes
from tanhui.registry.api.lists import CursorUnusable, Window

router = Router(tags=["公开登记簿"])
Text = Annotated[str, Field("", max_length=120)]


class NothingSearched(Refusal):
    code = "portal.nothing_searched"
    sentence = gettext_noop("Nothing was given to search for. Give at least one visible character.")
    clause = "ARCHITECTURE.md §2"
    status = 422


class AskedRegister(Window):
    """What a list is narrowed by. A property nobody has gives an empty list."""

    q: str = Field("", max_length=120, description="Parts that names must contain, from one character on.")
    sort: str = Field("", max_length=20, description="An order of the list, with - before it for falling.")
    scheme: Text
    type: Text
    methodology: Text
    province: str = Field("", max_length=2, description="The first two digits of GB/T 2260.")
    year: str = Field("", max_length=4, description="Of registration, issuance or retirement.")


class AskedProjects(AskedRegister):
    region: str = Field("", max_length=60, description="Part of a county's or city's name.")
    state: Text


class AskedBatches(AskedRegister):
    vintage: str = Field("", max_length=4)
    project: str = Field("", max_length=6)


class AskedRetirements(AskedBatches):
    purpose: Text
    kind: str = Field("", max_length=12, description="Kind of beneficiary.")


class AskedCancellations(AskedRegister):
    kind: Text
    project: str = Field("", max_length=6)


class Listed(Schema):
    """``count`` is exact up to ten thousand; beyond that ``count_is_exact`` says so."""

    count: int
    count_is_exact: bool
    next: str | None


class ProjectRegister(Listed):
    items: list[ProjectOut]


class BatchRegister(Listed):
    items: list[BatchOut]


class RetirementRegister(Listed):
    items: list[shapes.Retired]


class CancellationOut(Schema):
    kind: str
    reason: str
    quantity_t: int
    at: shapes.Moment
    document_sha256: str


class CancellationRegister(Listed):
    items: list[CancellationOut]


class FoundEverywhere(Schema):
    title: str
    number: int = Field(description="The row's own number: of a project, a batch, a publication and so on.")
    at: shapes.Moment


class Kind(Schema):
    kind: str
    count: int
    count_is_exact: bool
    items: list[FoundEverywhere]


class Everything(Schema):
    kinds: list[Kind]


@router.get("/registers/projects", response=ProjectRegister, operation_id="searchProjects", summary="项目（可筛选）")
@rights.needs(rights.PUBLIC)
def projects(request: HttpRequest, response: HttpResponse, asked: Annotated[AskedProjects, Query()]) -> dict[str, Any]:
    """Sorts: number, name (pinyin), at, quantity."""
    return answer(request, response, "projects", asked, project)


@router.get("/registers/batches", response=BatchRegister, operation_id="searchBatches", summary="签发批次（可筛选）")
@rights.needs(rights.PUBLIC)
def batches(request: HttpRequest, response: HttpResponse, asked: Annotated[AskedBatches, Query()]) -> dict[str, Any]:
    """Sorts: at, quantity, vintage, number."""
    return answer(request, response, "batches", asked, batch)


@router.get(
    "/registers/retirements",
    response=RetirementRegister,
    operation_id="searchRetirements",
    summary="注销（可筛选）",
)
@rights.needs(rights.PUBLIC)
def retirements(
    request: HttpRequest, response: HttpResponse, asked: Annotated[AskedRetirements, Query()]
) -> dict[str, Any]:
    """Sorts: at, quantity, name (pinyin)."""
    return answer(request, response, "retirements", asked, reading.retired)


@router.get(
    "/registers/cancellations",
    response=CancellationRegister,
    operation_id="listCancellations",
    summary="取消（可筛选）",
)
@rights.needs(rights.PUBLIC)
def cancellations(
    request: HttpRequest, response: HttpResponse, asked: Annotated[AskedCancellations, Query()]
) -> dict[str, Any]:
    """Sorts: at, quantity."""
    return answer(request, response, "cancellations", asked, cancellation)


def cancellation(one: Any) -> CancellationOut:
    return CancellationOut(
        kind=one.kind, reason=one.reason, quantity_t=one.quantity_t, at=one.at, document_sha256=one.document_sha256
    )


@router.get("/search", response=Everything, operation_id="search", summary="全站搜索")
@rights.needs(rights.PUBLIC)
def search(request: HttpRequest, q: Annotated[str, Query(max_length=120)]) -> Everything:
    """The first finds of every kind. Refuses with ``NothingSearched``."""
    found = lines.everywhere(lines.clean(q))
    if not found:
        raise NothingSearched
    return Everything(
        kinds=[
            Kind(
                kind=listing.slug, count=many, count_is_exact=exact,
                items=[FoundEverywhere(title=one.title, number=one.ref, at=one.at) for one in page.lines],
            )
            for listing, page, many, exact in found if many
        ]
    )  # fmt: skip


def answer(request: HttpRequest, response: HttpResponse, slug: str, asked: Window, shape: Any) -> dict[str, Any]:
    """A page of a register, with the next one's address in the body and in the ``Link`` header."""
    given = {name: str(value) for name, value in asked.dict(exclude={"cursor", "limit"}).items()}
    question = lines.read(lines.LISTINGS[slug], given)
    if asked.cursor and lines.opened(question, asked.cursor) is None:
        raise CursorUnusable
    page = lines.page(question, asked.cursor, asked.limit)
    many, exact = lines.count(question)
    following = None
    if page.older:
        parameters = request.GET.copy()
        parameters["cursor"] = page.older
        following = f"{request.path}?{parameters.urlencode()}"
        response["Link"] = f'<{following}>; rel="next"'
    return {"items": [shape(one) for one in page.rows], "next": following, "count": many, "count_is_exact": exact}
