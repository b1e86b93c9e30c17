"""Map, chart and K-line. What stands between the tags is read by everyone; a script draws it for those who can see it.

Libraries are loaded by the page that has the widget, once, and by no other.
"""

import json
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from tanhui.ui import tiles

register = template.Library()

FILES = {
    "map": ["vendor/ol.js", "ui/map.js"],
    "chart": ["vendor/echarts.common.min.js", "ui/chart.js"],
    "kline": ["vendor/klinecharts.min.js", "ui/kline.js"],
}
SHEETS = {"map": ["vendor/ol.css"]}


def files(context: template.Context, kind: str) -> SafeString:
    """The widget's style sheets and scripts, the first time the page has one of its kind."""
    request = context["request"]
    there: set[str] = vars(request).setdefault("widgets_of_this_page", set())
    if kind in there:
        return mark_safe("")
    there.add(kind)
    sheets = format_html_join(
        "", '<link rel="stylesheet" href="{}">', ([static(each)] for each in SHEETS.get(kind, []))
    )
    scripts = format_html_join("", '<script src="{}" defer></script>', ([static(each)] for each in FILES[kind]))
    return sheets + scripts


def number(context: template.Context) -> int:
    """A number of its own for each widget of the page."""
    request = context["request"]
    vars(request)["widgets_counted"] = vars(request).get("widgets_counted", 0) + 1
    return int(vars(request)["widgets_counted"])


@register.simple_block_tag(takes_context=True)
def chart(context: template.Context, content: SafeString, label: Any, kind: str = "bar", unit: Any = "") -> SafeString:
    """A chart of the table between the tags: first column the categories, every other column one series.

    ``kind`` is ``bar``, ``stacked``, ``line``, ``area`` or ``pie``. A cell's number is its ``data-value``, else its
    text without separators; an empty cell is a gap. With ``data-low`` and ``data-high`` a single series shows the
    interval of each value as whiskers.
    """
    return drawn(
        context,
        "chart",
        label,
        content,
        format_html('data-kind="{}" data-unit="{}"', kind, unit),
        gettext("Data table"),
    )


@register.simple_block_tag(takes_context=True)
def kline(context: template.Context, content: SafeString, label: Any, decimals: int = 2) -> SafeString:
    """A K-line of the table between the tags: day, open, high, low, close and, if there is one, volume.

    Rising is red and falling is green, as everyone here reads them; a falling bar is filled, a rising one hollow.
    """
    return drawn(context, "kline", label, content, format_html('data-decimals="{}"', decimals), gettext("Data table"))


def drawn(
    context: template.Context, kind: str, label: Any, content: SafeString, data: SafeString, summary: str
) -> SafeString:
    return format_html(
        '<figure class="widget widget-{}" data-widget="{}" data-language="{}" {}>'
        '<figcaption>{}</figcaption><div class="canvas" hidden></div>'
        "<details open><summary>{}</summary>{}</details></figure>{}",
        kind, kind, get_language() or "zh-hans", data, label, summary, content, files(context, kind),
    )  # fmt: skip


@register.simple_block_tag(takes_context=True, name="map")
def chart_of_places(
    context: template.Context, content: SafeString, label: Any, data: Any = None, url: str = "", over: str = ""
) -> SafeString:
    """A map of GeoJSON features (WGS 84) over a graticule; no boundary of any country is drawn.

    ``data`` is a feature collection, or ``url`` the address on this site that answers with one. Of a feature's
    properties ``title``, ``text``, ``url`` (on this site) and ``tone`` are used. What stands between the tags names
    the same places for those who see no map. ``over`` is the address of tiles of this site (``{z}``, ``{x}``,
    ``{y}``) that lie between the map and the places. The operator's own tiles, if configured, lie beneath, with the
    approval number of the map (审图号) printed under it.
    """
    key = f"map-{number(context)}"
    base = tiles.configured()
    return format_html(
        '<figure class="widget widget-map" data-widget="map" data-source="{}" data-data="{}" data-tiles="{}"'
        ' data-over="{}" data-in="{}" data-out="{}" data-approval="{}">'
        '<figcaption>{}</figcaption><div class="canvas" id="{}" hidden></div>'
        '<p class="approval">{}</p><p class="hint" hidden>{}</p><p class="chosen" role="status"></p>'
        "<details open><summary>{}</summary>{}</details>{}</figure>{}",
        url, f"{key}-data" if data else "",
        " ".join(address(layer) for layer in range(len(base.layers))), over,
        gettext("Zoom in"), gettext("Zoom out"), base.credit,
        label, key, base.credit,
        gettext("Click the map once, then scroll to zoom; arrow keys move it. Choose a place to read about it."),
        gettext("List of places"), content,
        json_script(data if isinstance(data, dict) else json.loads(data), f"{key}-data") if data else "",
        files(context, "map"),
    )  # fmt: skip


def address(layer: int) -> str:
    """Where this site hands on a tile, with places for level, column and row."""
    return reverse("ui:tile", args=[layer, 0, 0, 0]).removesuffix("0/0/0") + "{z}/{x}/{y}"
