"""Scenarios for everybody: the five fields of life, what each behaviour saves, and the rules against cheating."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.inclusion import access_scenarios as access
from tanhui.inclusion import compiling, numbers
from tanhui.inclusion.models import Scenario
from tanhui.inclusion.pages import scenario_words as words
from tanhui.inclusion.queries import scenarios as queries
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import downloads

CHARACTERS = {"CLOTHING": "衣", "FOOD": "食", "HOUSING": "住", "TRAVEL": "行", "GOODS": "用"}


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """Every published scenario by field, the easy ones first; as a table where asked."""
    rows = list(queries.shown())
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        head = ["code", "name", "field", "methodology", "item", "division_code", "unit", "grams_per_unit_numerator",
                "grams_per_unit_denominator", "cap_day_g", "cap_year_g", "state"]  # fmt: skip
        return downloads.table("scenarios", request.GET["format"], head, [
            [one.code, one.name, one.field, one.methodology, one.item, one.division_code, one.unit,
             one.rule["numerator"], one.rule["denominator"], one.cap_day_g, one.cap_year_g, one.state]
            for one in rows
        ])  # fmt: skip
    fields = [
        {
            "name": Scenario.Field(field).label, "character": CHARACTERS[field],
            "rows": [(one, *words.per_many(one), words.TONES[one.state], words.EASE[one.ease]) for one in found],
        }
        for field, found in queries.by_field(rows)
    ]  # fmt: skip
    counts = {state: sum(one.state == state for one in rows) for state in Scenario.SHOWN}
    return render(request, "inclusion/scenarios/list.html", {
        "fields": fields, "many": len(rows), "operating": counts["OPERATING"],
        "soon": counts["PUBLISHED"] + counts["CONNECTED"],
    })  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def scenario(request, code):
    """One scenario: what it saves and why, what does not count, what is demanded, and its history."""
    one = access.public_scenario(code)
    steps = list(one.steps.select_related("organisation").order_by("number"))
    grams, unit = words.per_many(one)
    try:
        said = compiling.about(one.methodology)
    except Refusal:  # the version left the shelf; what was kept with the scenario stands
        said = {}
    return render(request, "inclusion/scenarios/scenario.html", {
        "scenario": one, "tone": words.TONES[one.state], "line": words.line(one, steps), "steps": steps,
        "grams": grams, "per": unit, "own_factor": words.own_factor(one), "example": words.example(one), "about": said,
        "rule": one.rule,
        "providers": one.providers.filter(state="LIVE").order_by("name"),
        "methodology": one.methodology.partition("/"), "done": words.DONE,
    })  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def rules(request):
    """The published rules against cheating, with the numbers of the rule pack in force."""
    on = clock.day(timezone.now())

    def said(key):
        try:
            return numbers.parameter(key, on)
        except Refusal:
            return None

    keys = [
        "inclusion_event_oldest", "inclusion_event_future", "inclusion_device_people", "inclusion_payment_people",
        "inclusion_burst_events", "inclusion_ruling_within", "inclusion_appeal_within",
    ]  # fmt: skip
    return render(request, "inclusion/scenarios/rules.html", {"known": {key: said(key) for key in keys}})
