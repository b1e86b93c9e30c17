"""What the style page shows: believable, invented, and stored nowhere."""

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import refusals, sorting
from tanhui.ui.components.lists import Row
from tanhui.ui.components.work import File, Stage, Step

DAY = dt.date(2026, 6, 5)
AT = dt.datetime(2026, 6, 5, 1, 30, tzinfo=dt.UTC)
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SERIAL = "TH-51-AFF01-000001-20210101-20251231-001-0000000001-0000012480-K"


class SampleRefusal(Refusal):
    code = "ui.sample"
    sentence = gettext_noop("%(held)s t are available and %(wanted)s t were asked for. Ask for less.")
    clause = "ARCHITECTURE.md §6.1"
    status = 409


class Sample(forms.Form):
    tonnes = forms.IntegerField(min_value=1, label=_("Tonnes"), help_text=_("Whole tonnes only."))
    purpose = forms.ChoiceField(
        label=_("Purpose"), widget=forms.RadioSelect, choices=[("EVENT", _("Event")), ("ORG", _("Organisation"))]
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


STATES = {"REGISTERED": _("Registered"), "ENDED": _("Ended")}


class Filter(forms.Form):
    name = forms.CharField(required=False, label=_("Name"), max_length=60)
    state = forms.ChoiceField(required=False, label=_("State"), choices=[("", _("Any")), *STATES.items()])


def projects(query: QueryDict) -> list[dict[str, Any]]:
    """Three projects, as filter and order say."""
    found: list[dict[str, Any]] = [
        {"name": gettext("A forest"), "state": "REGISTERED", "year": 2021, "tonnes": 12480},
        {"name": gettext("A wetland"), "state": "ENDED", "year": 2019, "tonnes": 310},
        {"name": gettext("A tea garden"), "state": "REGISTERED", "year": 2023, "tonnes": 2045},
    ]
    name, state = query.get("name", "").strip(), query.get("state", "")
    found = [one for one in found if name in one["name"] and state in ("", one["state"])]
    (by, *_rest) = sorting.order(query.get("sort", ""), {"year": "year", "tonnes": "tonnes"}, "-tonnes")
    return sorted(found, key=lambda one: one[by.removeprefix("-")], reverse=by.startswith("-"))


def places() -> dict[str, Any]:
    """Two plots and a weather station somewhere in the hills, as GeoJSON."""
    plot = [[[104.10, 31.20], [104.16, 31.21], [104.17, 31.16], [104.11, 31.15], [104.10, 31.20]]]
    wet = [[[104.22, 31.14], [104.27, 31.15], [104.28, 31.11], [104.23, 31.10], [104.22, 31.14]]]
    return {
        "type": "FeatureCollection",
        "features": [
            feature("Polygon", plot, gettext("A forest"), gettext("128 ha, planted in 2021"), "good"),
            feature("Polygon", wet, gettext("A wetland"), gettext("46 ha, application under review"), "wait"),
            feature("Point", [104.19, 31.185], gettext("Weather station"), "", "final"),
        ],
    }


def feature(kind: str, coordinates: list[Any], title: str, text: str, tone: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"title": title, "text": text, "tone": tone},
    }


def prices() -> list[tuple[Any, ...]]:
    """Thirty days of an invented price: day, open, high, low, close, volume."""
    found: list[tuple[Any, ...]] = []
    last = 72.0
    for place in range(30):
        opened = last
        last = round(opened + (1.9, -1.2, 0.6, -0.4, 1.1, -1.7, 0.8)[place % 7], 2)
        found.append(
            (
                DAY + dt.timedelta(days=place),
                f"{opened:.2f}",
                f"{max(opened, last) + 0.45:.2f}",
                f"{min(opened, last) - 0.35:.2f}",
                f"{last:.2f}",
                1200 + 260 * (place * 5 % 7),
            )
        )
    return found


def everything(query: QueryDict) -> dict[str, Any]:
    """The style page's context."""
    refused = Sample({"tonnes": "500", "purpose": "EVENT"}, auto_id="refused_%s")
    refusals.show(refused, SampleRefusal(held=400, wanted=500))
    return {
        "wrong": Sample({"tonnes": "1.5"}, auto_id="wrong_%s"),
        "refusal": vars(refused)["refusals"][0],
        "steps": [
            Step(_("Registered"), "done", DAY, _("Registry")),
            Step(_("Verified"), "done", DAY + dt.timedelta(days=90)),
            Step(_("Issued"), "now"),
            Step(_("Retired"), "todo"),
        ],
        "stages": [
            Stage(_("Organisation"), "done", "#wizard"),
            Stage(_("Representatives"), "wrong", "#wizard"),
            Stage(_("Documents"), "now"),
            Stage(_("Check and submit"), "todo"),
        ],
        "serial": SERIAL,
        "hash": HASH,
        "day": DAY,
        "page": {"older": "1", "newer": True},
        "filter": Filter(query, auto_id="filter_%s"),
        "projects": projects(query),
        "filtered": any(query.get(name) for name in ("name", "state")),
        "files": [
            File(
                _("Project design document"), "设计文件.pdf", "#files", 2, 2_430_112, HASH, AT, "王业主", older="#files"
            ),
            File(_("Sample plots"), "样地调查表.xlsx", "#files", 1, 88_204, HASH[::-1], AT, "王业主"),
            File(_("Land contracts"), withheld_reason=_("contains personal particulars of 46 households")),
        ],
        "versions": [
            Row(_("Name"), "赤峰市敖汉旗造林项目", "赤峰市敖汉旗造林碳汇项目"),
            Row(_("Area (ha)"), "128.4", "131.0"),
            Row(_("Species"), "油松", "油松"),
            Row(_("Remark"), None, gettext("boundary surveyed again")),
        ],
        "bars": [
            ("2021", 5200, 640),
            ("2022", 7300, 1480),
            ("2023", 6900, 2210),
            ("2024", 9800, 4075),
            ("2025", 12480, 5660),
        ],
        "places": places(),
        "prices": prices(),
    }
