"""Rounds of ecological compensation for everybody, with a worksheet that shows every term; and preparing one."""

import json
import uuid

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import fresh, rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, doors, queries, roles, stock, townsheet
from tanhui.inventory.acts import compensation as acts
from tanhui.inventory.compensating import Formula
from tanhui.inventory.pages import wording
from tanhui.journal import queries as journal
from tanhui.kernel import clock, quantity
from tanhui.kernel.refusal import Refusal
from tanhui.rulepacks import packs
from tanhui.ui import downloads, refusals

TERMS = {
    "forest_area": (gettext_lazy("Forest area"), gettext_lazy("ha")),
    "protection": (gettext_lazy("Protection level"), gettext_lazy("weighed ha")),
    "management": (gettext_lazy("Management type"), gettext_lazy("weighed ha")),
    "restoration": (gettext_lazy("Restoration works"), gettext_lazy("ha")),
    "sink": (gettext_lazy("Sink capacity"), gettext_lazy("t a year, conservative")),
}
NORMALISED = {
    "share": gettext_lazy("as part of all towns together"), "largest": gettext_lazy("measured against the largest town")
}  # fmt: skip


class Prepare(forms.Form):
    """A round as it is prepared: the table is pasted from a spreadsheet."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    pack = forms.ChoiceField(label=gettext_lazy("Formula (rule pack)"))
    budget = forms.CharField(
        label=gettext_lazy("Budget (yuan)"), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    table = forms.CharField(
        label=gettext_lazy("Table of towns"), max_length=200_000, strip=False,
        help_text=gettext_lazy(
            "Copied from the spreadsheet with its head. Hectares, at most four decimals. Forest area and sink are "
            "taken from the published figures."
        ),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Why an earlier round is revised"), max_length=300, required=False,
        help_text=gettext_lazy("Only where the budget of this year was shared out before."),
    )  # fmt: skip

    def __init__(self, *args, formulas, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pack"].choices = formulas

    def clean_budget(self):
        try:
            return quantity.fen_from_yuan(self.cleaned_data["budget"])
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: "budget"})
            return None


FIELDS = {
    "inventory.towns_unclear": "table", "inventory.nothing_to_share": "table", "inventory.formula_incomplete": "pack",
    "inventory.shared_already": "reason", "inventory.round_untitled": "title",
}  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """Every round, the present ones first."""
    now = timezone.now()
    mine = doors.authorities(request.user, at=now) if request.user.is_authenticated else []
    return render(request, "inventory/compensation_list.html", {
        "rows": list(stock.compensations()),
        "years": [one for one in queries.in_force() if one.organisation_id in mine],
    })  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def worksheet(request, key):
    """A round with every term of every town; the same as CSV and XLSX."""
    one = doors.compensation(key)
    formula = Formula.read(packs.load(one.pack, one.pack_code))
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        return downloads.table(f"compensation-{one.pk}", request.GET["format"], header(), lines(one.rows))
    return render(request, "inventory/compensation.html", {
        "one": one, "leaf": journal.place(one.entry), **shown(one.rows, formula), "source": one.pack["source"],
    })  # fmt: skip


def shown(rows, formula):
    """What the worksheet's table needs beside the rows."""
    heads = [(name, *TERMS[name], formula.weights[name]) for name in TERMS]
    return {
        "rows": [
            row | {
                "cells": [row["terms"][name] | {"shown": shorter(row["terms"][name]["raw"])} for name in TERMS],
                "yuan": wording.yuan(row["fen"]), "percent": percent(row["share"]),
            }
            for row in rows
        ],
        "heads": heads, "formula": formula, "normalised": NORMALISED[formula.normalisation],
        "total": wording.yuan(sum(row["fen"] for row in rows)),
        "classes": [
            (_("Protection level"), [(townsheet.called(name), value) for name, value in formula.protection.items()]),
            (_("Management type"), [(townsheet.called(name), value) for name, value in formula.management.items()]),
        ],
    }  # fmt: skip


def shorter(raw):
    """A measured number for the eye: thousands apart, and no zeros behind the point."""
    whole, _point, rest = raw.partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


def percent(share):
    """A share of one as a percentage with two decimals."""
    return f"{round(float(share) * 100, 2):.2f} %"


def header():
    found = [_("Code"), _("Town")]
    for label, unit in TERMS.values():
        found += [f"{label} ({unit})", _("%(term)s: part") % {"term": label}, _("%(term)s: weighed") % {"term": label}]
    return [*found, _("Index"), _("Share"), _("Amount (yuan)")]


def lines(rows):
    for row in rows:
        terms = [part for name in TERMS for part in (
            row["terms"][name]["raw"], row["terms"][name]["normalised"], row["terms"][name]["weighed"])]  # fmt: skip
        yield [row["code"], row["name"], *terms, row["index"], row["share"], quantity.yuan_from_fen(row["fen"])]


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def prepare(request, code):
    """Fill in the table, see the whole worksheet, then hand it to a colleague to bring into force."""
    now = timezone.now()
    year = access.own_year(request.user, code, at=now)
    formulas = stock.formulas(clock.day(now))
    formula = formulas[0] if formulas else None
    if request.GET.get("format") in downloads.MEDIA_TYPES and formula:
        head, *rows = townsheet.template(year, formula)
        return downloads.table(f"towns-{year.code}", request.GET["format"], head, rows)
    fresh.resume(request)
    first = {
        "reference": uuid.uuid4(), "title": _("Ecological compensation %(year)s") % {"year": year.year},
        "table": townsheet.text(townsheet.template(year, formula)) if formula else "",
    }  # fmt: skip
    step = request.POST.get("step")
    choices = [(one.pack, f"{one.pack} {one.version}") for one in formulas]
    form = Prepare(request.POST or None, initial=first, formulas=choices)
    status, preview = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if step == "submit" and (elsewhere := fresh.required(request, now)):
                return elsewhere
            try:
                if step == "submit":
                    return redirect("inventory:stock_asked", propose(request, form, year, formulas, now).pk)
                preview, status = looked_at(form, year, formulas, now), 200
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
    context = {"form": form, "year": year, "formula": formula, "preview": preview, "step": step}
    return render(request, "inventory/compensation_prepare.html", context, status=status)


def read(form, year, formulas):
    """What the form asks for, as the act takes it."""
    given = form.cleaned_data
    formula = next(one for one in formulas if one.pack == given["pack"])
    return {
        "year": year, "towns": townsheet.read(given["table"], year, formula), "budget_fen": given["budget"],
        "pack": given["pack"],
    }  # fmt: skip


def looked_at(form, year, formulas, now):
    """The worksheet as it would be."""
    rows = [acts.plain(row) for row in acts.preview(**read(form, year, formulas), at=now)]
    acts.check_earlier(year, form.cleaned_data["reason"])
    formula = next(one for one in formulas if one.pack == form.cleaned_data["pack"])
    return shown(json.loads(json.dumps(rows)), formula)


def propose(request, form, year, formulas, now):
    given = form.cleaned_data
    mandate = access.handler(request.user, year, Mandate.Capacity.INITIATE, at=now)
    asked = acts.propose(
        **read(form, year, formulas), title=given["title"], reason=given["reason"], mandate=mandate,
        reference=given["reference"], at=now,
    )  # fmt: skip
    messages.success(request, _("Asked for. A colleague must confirm it."))
    return asked
