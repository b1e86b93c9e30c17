"""Files, long work, steps of a wizard and acts that are confirmed: what people handle rather than read."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tanhui.ui.components.words import copy

register = template.Library()


@dataclass(frozen=True)
class Step:
    """One station of a life-line: ``state`` is ``done``, ``now``, ``todo`` or ``stopped``."""

    label: str | Promise
    state: Literal["done", "now", "todo", "stopped"]
    at: dt.datetime | dt.date | None = None
    who: str | Promise = ""


@register.inclusion_tag("ui/parts/life_line.html")
def life_line(steps: Iterable[Step]) -> dict[str, Any]:
    return {"steps": steps}


@dataclass(frozen=True)
class File:
    """One file as a list shows it. A withheld one has a reason and neither address nor hash that leads to it."""

    title: str | Promise
    name: str = ""
    url: str = ""
    number: int = 1
    size_bytes: int | None = None
    sha256: str = ""
    at: dt.datetime | None = None
    by: str = ""
    withheld_reason: str | Promise = ""
    older: str = ""  # the address of its earlier versions


@register.inclusion_tag("ui/parts/files.html")
def file_list(files: Iterable[File]) -> dict[str, Any]:
    """Files with version, size and hash; a withheld one is listed with the reason (nothing is silently absent)."""
    return {"files": list(files)}


@register.simple_tag
def short_hash(value: str) -> SafeString:
    """The first twelve hexadecimal digits of a hash; the whole of it in the copy button and on hovering."""
    if not value:
        return mark_safe("—")
    return format_html('<span class="copyable"><code title="{}">{}…</code>{}</span>', value, value[:12], copy(value))


@register.inclusion_tag("ui/parts/progress.html")
def progress(
    label: Any, done: int | None = None, total: int | None = None, url: str = "", seconds: int = 2
) -> dict[str, Any]:
    """Long work: how far it is. ``url`` answers with this same part and is asked every ``seconds`` until it leaves it
    out; without JavaScript a link asks again. No ``total``: nobody knows how long."""
    percent = 100 * done // total if total and done is not None else None
    return {"label": label, "done": done, "total": total, "percent": percent, "url": url, "seconds": seconds}


@dataclass(frozen=True)
class Stage:
    """One page of a wizard; ``url`` leads back to it where that is allowed."""

    label: str | Promise
    state: Literal["done", "now", "todo", "wrong"]
    url: str = ""


@register.inclusion_tag("ui/parts/stepper.html")
def stepper(stages: Iterable[Stage]) -> dict[str, Any]:
    """The pages of a wizard, numbered, the present one marked."""
    found = list(stages)
    place = next((number for number, stage in enumerate(found, 1) if stage.state == "now"), 0)
    return {"stages": found, "place": place, "count": len(found)}


@register.inclusion_tag("ui/parts/confirm.html", takes_context=True)
def confirm(
    context: template.Context, label: Any, text: Any, name: str = "", value: str = "", url: str = "", tone: str = "stop"
) -> dict[str, Any]:
    """An act that takes two steps: a button that opens what will happen, and in there the one that does it.

    Works without JavaScript. ``text`` says what will happen and whether it can be undone; ``name`` and ``value`` are
    the pressed button's; ``tone`` is ``stop`` or ``primary``.
    """
    return {
        "label": label, "text": text, "name": name, "value": value, "url": url, "tone": tone,
        "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
