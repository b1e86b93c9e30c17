"""Public lists on paper."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from tanhui.ui import numerals, paper

TEMPLATE = Path(__file__).resolve().parent / "table.typ"


def table(
    *,
    name: str,
    title: str,
    header: Iterable[Any],
    rows: Sequence[Sequence[Any]],
    at: datetime,
    note: str,
    log_size: int,
) -> HttpResponse:
    """A list as a PDF/A in landscape. Refuses with ``ui.glyph_missing`` when a character cannot be printed."""
    heads = [str(one) for one in header]
    numbers = [bool(rows) and all(isinstance(row[at_], int) for row in rows) for at_ in range(len(heads))]
    data = {
        "title": title, "number": numerals.moment(at), "operator": operator(),
        "demonstration": settings.TANHUI_MODE == "demonstration", "header": heads, "numbers": numbers, "note": note,
        "rows": [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows],
        "count": f"{len(rows):,}", "as_of": numerals.moment(at), "log_size": f"{log_size:,}",
    }  # fmt: skip
    return HttpResponse(
        paper.render(template=TEMPLATE, data=data, at=at),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


def operator() -> str:
    given: dict[str, str] = getattr(settings, "TANHUI_OPERATOR", {})
    return given.get("name") or "碳汇登记簿"
