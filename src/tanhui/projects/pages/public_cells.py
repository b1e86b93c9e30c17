"""A development as a row of a file, and its status in a word."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tanhui.kernel import clock
from tanhui.kernel.period import DAY
from tanhui.projects import deadlines, divisions

STATUSES = {
    "notice": gettext_lazy("On public notice"), "work": gettext_lazy("Under review"),
    "good": gettext_lazy("Registered"), "returned": gettext_lazy("Returned for correction"),
    "bad": gettext_lazy("Ended"), "draft": gettext_lazy("In preparation"),
}  # fmt: skip
CLAWED = gettext_lazy("Units under clawback")


def state(one):
    return deadlines.state(one)


def label(one):
    """The state in words, and that units of it are owed where they are."""
    return f"{state(one).label} · {CLAWED}" if one.clawed else str(state(one).label)


def header():
    return [
        _("Number"), _("Project"), _("Owner"), _("Unified social credit code"), pgettext("projects", "Mechanism"),
        _("Type of project"),
        _("Methodology"), _("Administrative division code"), _("County"), _("Status"), _("State"),
        _("Crediting period from"), _("to (including)"), _("Opened on"), _("Project number in the register"),
    ]  # fmt: skip


def row(one):
    span, found = one.crediting, state(one)
    return [
        one.code, one.name, one.owner.name, one.owner.uscc, one.scheme, one.kind, one.methodology, one.division_code,
        divisions.name(one.division_code), str(STATUSES.get(found.tone, found.tone)), label(one),
        str(span.lower) if span and span.lower else "", str(span.upper - DAY) if span and span.upper else "",
        str(clock.day(one.opened_at)), f"{one.registered.number:06d}" if one.registered else "",
    ]  # fmt: skip
