"""Lists by cursor, newest first: the ten-thousandth page costs what the first one does."""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Schema

from tanhui.kernel.refusal import Refusal, gettext_noop

Row = TypeVar("Row", bound=Model)
MOST = 200
SALT = "tanhui.cursor"


class CursorUnusable(Refusal):
    code = "registry.cursor_unusable"
    sentence = gettext_noop("This cursor was not given out for this list. Begin again without one.")
    clause = "ARCHITECTURE.md §2"
    status = 422


class Window(Schema):
    """Which part of a list."""

    cursor: str = Field("", max_length=400, description="From `next` of the page before; empty for the first page.")
    limit: int = Field(50, ge=1, le=MOST, description="How many at most.")


def page(
    request: HttpRequest, response: HttpResponse, rows: QuerySet[Row], window: Window, keys: Sequence[str]
) -> tuple[list[Row], str | None]:
    """At most ``limit`` rows by falling ``keys`` (columns that together are unique), and the next page's address.

    The address also goes into the ``Link`` header. Refuses with ``CursorUnusable``.
    """
    list_name = rows.model._meta.label_lower
    if window.cursor:
        rows = rows.filter(below(keys, read(window.cursor, list_name, rows.model, keys)))
    found = list(rows.order_by(*(f"-{key}" for key in keys))[: window.limit + 1])
    if len(found) <= window.limit:
        return found, None
    last = found[window.limit - 1]
    parameters = request.GET.copy()
    parameters["cursor"] = signing.dumps([list_name, *(text(last, key) for key in keys)], salt=SALT)
    address = f"{request.path}?{urlencode(list(parameters.items()))}"
    response["Link"] = f'<{address}>; rel="next"'
    return found[: window.limit], address


def text(row: Model, key: str) -> str:
    value = getattr(row, key)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def read(cursor: str, list_name: str, model: type[Model], keys: Sequence[str]) -> list[Any]:
    """The last row's keys from a cursor; it is signed, so what it holds was ours."""
    try:
        named, *values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise CursorUnusable from error
    if named != list_name or len(values) != len(keys):
        raise CursorUnusable
    return [column(model, key).to_python(value) for key, value in zip(keys, values, strict=True)]


def column(model: type[Model], key: str) -> Any:
    return model._meta.pk if key == "pk" else model._meta.get_field(key)


def below(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after the given one: less in the first key, or equal there and less in the next, and so on."""
    found = Q()
    for depth, key in enumerate(keys):
        same = dict(zip(keys[:depth], values[:depth], strict=True))
        found |= Q(**same, **{f"{key}__lt": values[depth]})
    return found


Paged = Query[Window]
