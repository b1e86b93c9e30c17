"""A run of a methodology on paper: what ``tanhui method explain`` says, as PDF/A. Needs no framework."""

from pathlib import Path

from tanhui.methods.engine import explanation
from tanhui.ui import paper

TEMPLATE = Path(__file__).resolve().parent / "run.typ"
OPERATOR = "碳汇 · 碳惠方法学库"


def run(bundle: bytes, *, code: str = "zh-hans", operator: str = OPERATOR) -> bytes:
    """The paper of a run bundle in a language; the same bundle gives the same bytes on any day.

    Refuses with ``methods.not_a_bundle``, ``methods.no_such_package``, and ``ui.glyph_missing`` when a name has a
    character that cannot be printed.
    """
    data = explanation.paper(bundle, code) | {"operator": operator, "qr": None, "url": None}
    at = explanation.moment(bundle)
    return paper.render(template=TEMPLATE, data=data, at=at, language="zh" if code.startswith("zh") else "en")
