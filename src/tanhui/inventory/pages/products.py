"""Stock-sink products for everybody: what is on offer, in which order it goes, where a product's units went; and for an
authority, making one."""

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from tanhui.identity import fresh, rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, certificates, choosing, doors, queries, roles, stock
from tanhui.inventory.acts import product as acts
from tanhui.inventory.models import StockUse, Type
from tanhui.inventory.pages import atlas
from tanhui.journal import queries as journal
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.tlog import bundle
from tanhui.ui import downloads, refusals

ANY = ("", gettext_lazy("Any"))


class Filter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=60)
    type = forms.ChoiceField(label=gettext_lazy("Type of ecosystem"), required=False)
    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    place = forms.ChoiceField(
        label=gettext_lazy("Red line"), required=False,
        choices=[ANY, ("in", gettext_lazy("Inside the red line")), ("out", gettext_lazy("Outside"))],
    )  # fmt: skip

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["q"].widget.input_type = "search"
        known = dict(Type.choices)
        self.fields["type"].choices = [ANY, *((one, known[one]) for one in sorted({row.product.type for row in rows}))]
        self.fields["year"].choices = [
            ANY,
            *((str(one), one) for one in sorted({row.year for row in rows}, reverse=True)),
        ]

    def keep(self, row):
        """Whether a line fits what is asked."""
        asked = self.cleaned_data if self.is_valid() else {}
        words = asked.get("q", "").strip().lower()
        one = row.product
        return (
            (not words or words in f"{one.zone_name} {one.zone} {one.code}".lower())
            and asked.get("type") in ("", None, one.type)
            and asked.get("year") in ("", None, str(one.year))
            and asked.get("place") in ("", None, "in" if one.red_line else "out")
        )


class Wish(forms.Form):
    """How much somebody would take, and where they are: which products that would be."""

    tonnes = forms.IntegerField(label=gettext_lazy("Tonnes"), min_value=1, max_value=10**9)
    district = forms.CharField(label=gettext_lazy("Division code of the user"), max_length=12, required=False)


class Offer(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    figure = forms.TypedChoiceField(
        label=gettext_lazy("Zone and type"), coerce=int,
        help_text=gettext_lazy(
            "Whether a zone lies inside the ecological red line follows from the boundaries the year was computed "
            "with. Of zones that lie on both sides, offer the parts."
        ),
    )  # fmt: skip

    def __init__(self, *args, figures, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["figure"].choices = [
            ("", gettext_lazy("Please choose")),
            *(
                (one.pk, f"{one.zone_name} · {one.get_type_display()} · {one.conservative_kg_co2 // 1000:,} t "
                 f"({atlas.level(one.level)}){inside(one)}")
                for one in figures
            ),
        ]  # fmt: skip


def inside(figure):
    return " · " + _("inside the red line") if stock.within_red_line(figure) else ""


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """Every product with what is left of it; and, for an amount, the order in which it would be taken."""
    rows = stock.on_offer()
    form = Filter(request.GET, rows=rows)
    shown = [row for row in rows if form.keep(row)]
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        header = [
            _("Product"), _("Zone"), _("Type of ecosystem"), _("Year"), _("Red line"), _("Basis"), _("Offered (t)"),
            _("Left (t)"), _("Left behind (kg)"), _("Offered by"),
        ]  # fmt: skip
        lines = [
            [one.product.code, one.product.zone_name, one.product.get_type_display(), one.year,
             _("yes") if one.red_line else _("no"), one.product.basis, one.product.quantity_t, one.left_t,
             one.product.residual_kg, str(one.product.account)]
            for one in shown
        ]  # fmt: skip
        return downloads.table("stock-sink-products", request.GET["format"], header, lines)
    wish, picks, refusal = quote(request, rows)
    now = timezone.now()
    mine = doors.authorities(request.user, at=now) if request.user.is_authenticated else []
    context = {
        "rows": shown, "form": form, "all": rows, "wish": wish, "picks": picks, "refusal": refusal,
        "offered": sum(row.product.quantity_t for row in rows), "left": sum(row.left_t for row in rows),
        "red": sum(row.left_t for row in rows if row.red_line), "used": stock.uses()[:10],
        "years": [one for one in queries.in_force() if one.organisation_id in mine],
    }  # fmt: skip
    return render(request, "inventory/products.html", context)


def quote(request, rows):
    """What the rule would have somebody take for the tonnes they name."""
    if "tonnes" not in request.GET:
        return Wish(), [], None
    wish = Wish(request.GET)
    if not wish.is_valid():
        return wish, [], None
    known = {row.key: row for row in rows}
    try:
        order, _rule = stock.order(clock.day(timezone.now()))
        picks = choosing.picks(rows, order, wish.cleaned_data["district"], wish.cleaned_data["tonnes"])
    except Refusal as refusal:
        return wish, [], refusal
    return wish, [(known[one.key], one.tonnes) for one in picks], None


@rights.needs(rights.PUBLIC)
@require_GET
def product(request, code):
    one = doors.product(code)
    return render(request, "inventory/product.html", {
        "one": one, "figure": one.figure, "leaf": journal.place(one.entry),
        "stock": next((row for row in stock.on_offer() if row.product.pk == one.pk), None),
        "level": atlas.level(one.level),
    })  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def use(request, number):
    """A use of stock sinks as anybody may check it: what for, how much, from where, and its place in the log."""
    one = doors.use(number)
    fact = journal.fact(one.entry)["fact"]
    known = {
        row.code: row for row in stock.products().filter(asset__code__in=[each["product"] for each in fact["products"]])
    }
    lines = [(known[each["product"]], each["quantity_t"], each["serials"]) for each in fact["products"]]
    purpose = StockUse.Purpose(one.purpose).label
    return render(request, "inventory/product_use.html", {
        "one": one, "lines": lines, "leaf": journal.place(one.entry), "purpose": purpose,
    })  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_safe
def use_pdf(request, number):
    """The sealed certificate; while its fact waits for its place in the log, the page that says so."""
    one = doors.use(number)
    try:
        return attached(certificates.certificate(one), f"{one.number}.pdf", "application/pdf")
    except Refusal:
        return redirect("inventory:stock_use", one.number)


@rights.needs(rights.PUBLIC)
@require_safe
def use_proof(request, number):
    """The proof as a file: all ``tanhui verify`` needs."""
    one = doors.use(number)
    made = journal.prove(one.entry)
    if made is None:
        return redirect("inventory:stock_use", one.number)
    return attached(bundle.dumps(made), f"{one.number}.json", "application/json")


def attached(content, name, kind):
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def offer(request, code):
    """Make a product of a published figure: the first of two signatures."""
    now = timezone.now()
    year = access.own_year(request.user, code, at=now)
    fresh.resume(request)
    figures = stock.may_be_offered(year) if year.state in year.IN_FORCE else []
    form = Offer(request.POST or None, figures=figures, initial={"reference": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if elsewhere := fresh.required(request, now):
                return elsewhere
            try:
                mandate = access.handler(request.user, year, Mandate.Capacity.INITIATE, at=now)
                given = form.cleaned_data
                asked = acts.offer(
                    figure=doors.figure(year, given["figure"]), mandate=mandate, reference=given["reference"], at=now
                )
                messages.success(request, _("Asked for. A colleague must confirm it."))
                return redirect("inventory:stock_asked", asked.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    context = {"form": form, "year": year, "figures": figures}
    return render(request, "inventory/products_offer.html", context, status=status)
