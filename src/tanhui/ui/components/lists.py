"""Lists that are filtered, sorted and walked through: the address carries the state, so a link keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from tanhui.ui.components.forms import style

register = template.Library()

TRANSIENT = ("before", "format")  # parts of an address that a new filter or order makes meaningless


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """This page's address with some parameters changed; an empty value removes one."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "."


@register.inclusion_tag("ui/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """Earlier and later, keeping the filter. ``page`` offers ``newer`` and ``older``: a cursor, or empty."""
    return {"page": page, "request": context["request"]}


@register.simple_tag(takes_context=True)
def sortable(context: template.Context, name: str, label: Any, default: str = "", kind: str = "") -> SafeString:
    """A table head that sorts by ``name`` when followed, the other way round when followed again.

    The page reads ``?sort=name`` or ``?sort=-name`` by ``sorting.order``. ``default`` is the page's order without the
    parameter; ``kind="n"`` sets a column of numbers.
    """
    now = context["request"].GET.get("sort") or default
    rising, falling = now == name, now == f"-{name}"
    url = with_query(context, sort=f"-{name}" if rising else name, **dict.fromkeys(TRANSIENT, ""))
    direction = "ascending" if rising else "descending" if falling else ""
    return format_html(
        '<th scope="col" class="{}"{}><a class="sort{}" href="{}">{}<span aria-hidden="true"></span></a></th>',
        kind,
        format_html(' aria-sort="{}"', direction) if direction else "",
        f" {direction}" if direction else "",
        url,
        label,
    )


@dataclass(frozen=True)
class Chip:
    """One condition of a filter: what it says, and the page without it."""

    label: str
    value: str
    without: str


@register.inclusion_tag("ui/parts/filter.html", takes_context=True)
def filter_bar(context: template.Context, form: forms.BaseForm, target: str = "") -> dict[str, Any]:
    """A filter of a list: the form's fields in a row, what is set now as chips, and a way to drop it all.

    Give it an unbound-safe Django form bound to ``request.GET``. ``target`` is the id of the element that holds both
    this bar and the list: with it the list is renewed in place as one types, without it the page is loaded anew.
    """
    request: HttpRequest = context["request"]
    for field in form.visible_fields():
        style(field)
    kept = [(name, value) for name, value in request.GET.items() if name == "sort" and value]
    return {"form": form, "chips": chips(form, request.GET), "kept": kept, "target": target, "path": request.path}


def chips(form: forms.BaseForm, query: QueryDict) -> list[Chip]:
    """The conditions that are set, in the order of the form's fields, each with the address that lacks it alone."""
    found = []
    for field in form.visible_fields():
        for value in query.getlist(field.html_name):
            if value.strip():
                found.append(Chip(str(field.label), shown(field, value), without(query, field.html_name, value)))
    return found


def shown(field: forms.BoundField, value: str) -> str:
    """A chosen value as its choice reads."""
    for key, label in getattr(field.field, "choices", []):
        if str(key) == value:
            return str(label)
    return gettext("yes") if isinstance(field.field, forms.BooleanField) else value


def without(query: QueryDict, name: str, value: str) -> str:
    rest = query.copy()
    rest.setlist(name, [each for each in rest.getlist(name) if each != value])
    for each in TRANSIENT:
        rest.pop(each, None)
    return f"?{rest.urlencode()}" if rest else "?"


@register.simple_tag(takes_context=True)
def tab(context: template.Context, url: str, label: Any, count: int | None = None) -> SafeString:
    """One entry of ``<nav class="tabs"><ul>``; the one whose address this page has is current."""
    current = context["request"].path == url.partition("?")[0]
    number = format_html(' <span class="count">{}</span>', count) if count else ""
    return format_html(
        '<li><a href="{}"{}>{}{}</a></li>', url, mark_safe(' aria-current="page"') if current else "", label, number
    )


@register.inclusion_tag("ui/parts/crumbs.html")
def crumbs(*pairs: Any) -> dict[str, Any]:
    """The way to this page: ``{% crumbs label url label url %}``, outermost first, without the page itself."""
    return {"steps": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag("ui/parts/search.html")
def search_box(action: str, name: str, label: Any, value: str = "", button: Any = "") -> dict[str, Any]:
    """One field and its button; ``label`` is read aloud and stands in the empty field."""
    return {"action": action, "name": name, "label": label, "value": value, "button": button}


@dataclass(frozen=True)
class Row:
    """One line of a comparison. ``before`` and ``after`` are shown as text."""

    label: str | Promise
    before: Any
    after: Any

    @property
    def differs(self) -> bool:
        return bool(self.before != self.after)


@register.inclusion_tag("ui/parts/comparison.html")
def comparison(rows: Sequence[Row], before: Any = "", after: Any = "") -> dict[str, Any]:
    """Two versions side by side; what differs is marked and says so. ``before``/``after`` head the two columns."""
    return {
        "rows": rows,
        "before": before or gettext("Before"),
        "after": after or gettext("After"),
        "changed": sum(row.differs for row in rows),
    }
