"""Publications as anyone reads them, and the drafts of the operator."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from tanhui.files.models import Document
from tanhui.identity import access as people
from tanhui.identity.models import Person
from tanhui.kernel import clock
from tanhui.kernel.workdays import Deadline
from tanhui.portal.models import Draft, Edition, Publication
from tanhui.rulepacks import calendar

WORKDAYS = 20  # 《政府信息公开条例》第二十六条 (D-18)
SUBJECT = "portal.edition"


@dataclass(frozen=True, slots=True)
class Story:
    """A publication with its versions, newest first, and the one that is read."""

    publication: Publication
    editions: list[Edition]
    shown: Edition
    files: list[Document]

    @property
    def newest(self) -> Edition:
        return self.editions[0]


def story(publication: Publication, number: int | None = None) -> Story | None:
    """A publication at a version, or the newest one; nothing when there is no such version."""
    editions = list(publication.editions.order_by("-number").select_related("organisation", "initiator", "confirmer"))
    shown = next((one for one in editions if number in (None, one.number)), None)
    if shown is None:
        return None
    return Story(publication, editions, shown, files(publication, shown.number))


def files(publication: Publication, number: int) -> list[Document]:
    """What is attached up to a version."""
    subjects = [subject(publication.pk, one) for one in range(1, number + 1)]
    return list(Document.objects.filter(subject__in=subjects).prefetch_related("versions").order_by("at"))


def subject(publication: int, number: int) -> str:
    """What files of a version are about."""
    return f"{SUBJECT}:{publication}-{number}"


def is_published(key: str) -> bool:
    """Whether the version that files are about (``publication-version``) is published."""
    publication, _, number = key.partition("-")
    if not (publication.isdecimal() and number.isdecimal() and len(publication) < 18 and len(number) < 5):
        return False
    return Edition.objects.filter(publication=int(publication), number=int(number)).exists()


def drafts(person: Person, *, at: datetime) -> QuerySet[Draft]:
    """What waits in the person's organisations, the oldest first."""
    mine = people.organisations(person, at=at)
    found = Draft.objects.filter(organisation__in=mine).order_by("at")
    return found.select_related("publication", "organisation", "by")


def due(draft: Draft) -> Deadline:
    """By when a draft is to be public: twenty working days from the day it was made or changed."""
    return calendar.announced().add(draft.made_on, WORKDAYS)


def days_left(last: date, at: datetime) -> int:
    """Working days from now to a day; negative when it has passed."""
    today = clock.day(at)
    known = calendar.announced()
    return known.count(today, last).workdays if today <= last else -known.count(last, today).workdays


def rendered(body: str) -> SafeString:
    """Markdown as HTML: what is HTML in it stays text, its headings stand beneath the page's own, no picture loads."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    tokens = reader.parse(body)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    written: str = reader.renderer.render(tokens, reader.options, {})
    return mark_safe(written)  # noqa: S308 - its own HTML only
