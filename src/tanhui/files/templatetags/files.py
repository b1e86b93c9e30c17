"""What pages of any room show about files: a field to hand one in, and the list of a subject's papers."""

from typing import Any

from django import template
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from tanhui.files import access, inspection, kinds, queries
from tanhui.files.models import Upload
from tanhui.files.queries import Listed
from tanhui.identity.models import Person
from tanhui.ui import refusals
from tanhui.ui.components.work import File

register = template.Library()


@register.inclusion_tag("files/parts/upload.html", takes_context=True)
def upload(context: template.Context, name: str, kind: str, label: str, required: bool = True) -> dict[str, Any]:
    """A field that takes one file of a kind, resumable with its script and plain without.

    The form's page loads ``files/upload.js``, posts ``multipart/form-data``, and reads the field by
    ``files.forms.upload(request, name, kind=…, at=…)``; shown again, the field still has its file.
    """
    asked, request = kinds.named(kind), context["request"]
    found = getattr(request, "uploads", {}).get(name) or earlier(request, name)
    refusal = inspection.refusal(found.refusal) if found and found.refusal else None
    return {
        "name": name,
        "kind": asked,
        "label": label,
        "required": required,
        "megabytes": asked.most_bytes // kinds.MB,
        "upload": found,
        "format": kinds.FORMATS[found.format].label if found and found.format else "",
        "encoding_asked": found is not None and "previews" in found.facts and not found.encoding,
        "refused": refusals.say(refusal) if refusal else "",
        "request": request,
    }


def earlier(request: Any, name: str) -> Upload | None:
    """The upload that this form was sent with before it was shown again."""
    if not (key := request.POST.get(name)) or not isinstance(request.user, Person):
        return None
    try:
        return access.upload(request.user, key, at=timezone.now())
    except Http404:
        return None


@register.filter
def labelled(sample: dict[str, list[Any]]) -> list[list[tuple[str, str]]]:
    """The rows of a preview, each cell with the name of its column."""
    return [list(zip(sample["fields"], row, strict=False)) for row in sample["rows"]]


@register.simple_tag(takes_context=True)
def documents(context: template.Context, subject: str) -> list[File]:
    """The papers of a subject as the visitor may meet them, for ``{% file_list %}``; those withheld with a reason."""
    user = context["request"].user
    person = user if isinstance(user, Person) else None
    return [shown(one) for one in queries.listed(subject, person, timezone.now())]


def shown(one: Listed) -> File:
    newest, document = one.newest, one.document
    if newest is None:
        return File(document.title, withheld_reason=document.get_withheld_reason_display(), at=document.at)
    return File(
        document.title, newest.name, reverse("files:download", args=[document.pk, newest.number, newest.name]),
        newest.number, newest.size_bytes, newest.sha256, newest.at, newest.by.name,
        older=reverse("files:document", args=[document.pk]) if newest.number > 1 else "",
    )  # fmt: skip
