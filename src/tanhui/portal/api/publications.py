"""Policies and announcements for programs."""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from tanhui.identity import rights
from tanhui.portal import access
from tanhui.portal.api.registers import Listed, answer
from tanhui.portal.models import Category
from tanhui.registry.api import shapes
from tanhui.registry.api.lists import Window

router = Router(tags=["政策与公告"])
CATEGORIES: list[Any] = list(Category.values)
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


class AskedPublications(Window):
    q: str = Field("", max_length=120, description="Parts that title or text must contain.")
    sort: str = Field("", max_length=20, description="at or name, with - before it for falling.")
    category: str = Field("", max_length=12)
    year: str = Field("", max_length=4)


class PublicationOut(Schema):
    number: int
    version: int
    category: str = Field(json_schema_extra={"enum": CATEGORIES})
    title: str
    summary: str
    source: str
    document_number: str
    made_on: dt.date
    effective_from: dt.date | None
    effective_until: dt.date | None
    published_at: shapes.Moment
    withdrawn_at: shapes.Moment | None
    sha256: str


class Publications(Listed):
    items: list[PublicationOut]


class PublicationText(PublicationOut):
    """With its text (Markdown), and why it was withdrawn if it was."""

    body: str
    withdrawn_because: str
    versions: int


@router.get("/publications", response=Publications, operation_id="listPublications", summary="政策与公告")
@rights.needs(rights.PUBLIC)
def publications(
    request: HttpRequest, response: HttpResponse, asked: Annotated[AskedPublications, Query()]
) -> dict[str, Any]:
    """The newest version of each publication, latest first; withdrawn ones too."""
    return answer(request, response, "publications", asked, shape)


def shape(one: Any) -> dict[str, Any]:
    gone = getattr(one.publication, "withdrawal", None)
    return {
        "number": one.publication_id, "version": one.number, "category": one.publication.category, "title": one.title,
        "summary": one.summary, "source": one.source, "document_number": one.document_number, "made_on": one.made_on,
        "effective_from": one.effective_from, "effective_until": one.effective_until, "published_at": one.at,
        "withdrawn_at": gone and gone.at, "sha256": one.sha256,
    }  # fmt: skip


@router.get("/publications/{number}", response=PublicationText, operation_id="getPublication", summary="一份政策或公告")
@rights.needs(rights.PUBLIC)
def publication(request: HttpRequest, number: Number) -> dict[str, Any]:
    """Its newest version with the whole text."""
    story = access.story(number)
    gone = getattr(story.publication, "withdrawal", None)
    more = {"body": story.shown.body, "withdrawn_because": gone.reason if gone else "", "versions": len(story.editions)}
    return shape(story.shown) | more
