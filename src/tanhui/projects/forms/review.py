"""The forms of a review. They check shape; the acts check rules."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.projects.acts import checking, reporting
from tanhui.projects.models import Finding, Sighting, Validation

NOT_YET = ("", _("Please choose"))
KINDS = {
    "PLOTS": pgettext_lazy("projects", "Sample plots"),
    "PARCELS": _("Parcels"),
    "METERS": _("Meters and facilities"),
    "RUN": _("Units of the run"),
}
VERDICTS = [("", "—"), ("YES", _("Yes")), ("NO", _("No")), ("NA", _("Not applicable"))]


def words(label, *, rows=2, most=2000, required=True, help_text=""):
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, help_text=help_text)


class Raise(forms.Form):
    """A new finding."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=pgettext_lazy("projects", "Kind"), choices=[NOT_YET, *Finding.Kind.choices])
    topic = forms.ChoiceField(label=pgettext_lazy("projects", "About"), choices=[NOT_YET, *Finding.Topic.choices])
    unit = forms.CharField(label=_("Parcel, plot or meter"), max_length=80, required=False)
    text = words(_("What was found"), rows=3)
    requirement = forms.CharField(
        label=_("Requirement"), max_length=200, help_text=_("The clause, the methodology's section or the plan.")
    )
    effect_kg = forms.IntegerField(
        label=_("Effect on the quantity (kg)"), required=False,
        help_text=_("Only where it is not corrected by a new run; a reduction with a minus sign."),
    )  # fmt: skip
    carried = forms.ChoiceField(label=_("Follows up"), required=False)

    def __init__(self, *args, observations=(), **kwargs):
        super().__init__(*args, **kwargs)
        known = [(str(one.pk), f"{one.code} {one.text[:40]}") for one in observations]
        self.fields["carried"].choices = [("", "—"), *known]
        if not observations:
            del self.fields["carried"]


class Reply(forms.Form):
    finding = forms.UUIDField(widget=forms.HiddenInput)
    text = words(_("What you say to it"), rows=2)


class Declare(forms.Form):
    """What a sample is drawn from, and how many."""

    of = forms.ChoiceField(label=_("Drawn from"))
    size = forms.IntegerField(label=_("Units to draw"), min_value=1)
    commitment = forms.CharField(
        label=_("SHA-256 of words you keep to yourself"), max_length=64, required=False,
        help_text=_("Optional. Whoever runs the log learns the words only at the drawing and cannot choose the seed."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Why once more"), max_length=500, required=False)

    def __init__(self, *args, populations=None, again=False, **kwargs):
        super().__init__(*args, **kwargs)
        found = populations or {}
        self.fields["of"].choices = [(kind, f"{KINDS[kind]} · {len(units)}") for kind, units in found.items()]
        if not again:
            del self.fields["reason"]


class Draw(forms.Form):
    words = forms.CharField(label=_("The words you committed to"), max_length=200, required=False, strip=False)


class See(forms.Form):
    """What was seen at a unit: drawn ones stand first, those not looked at yet before the others."""

    LISTED = 500  # units to choose from; the drawn ones are always among them

    unit = forms.ChoiceField(label=_("Parcel, plot or meter"))
    verdict = forms.ChoiceField(label=_("Verdict"), choices=Sighting.Verdict.choices)
    note = forms.CharField(label=_("What was seen"), max_length=500, required=False)

    def __init__(self, *args, units=(), population=(), **kwargs):
        super().__init__(*args, **kwargs)
        drawn = sorted(units, key=lambda row: row[1] is not None)
        known = [(key, key if said is None else f"{key} ✓") for key, said in drawn]
        taken = {key for key, _said in known}
        others = [(key, key) for key, _stratum in population if key not in taken][: self.LISTED]
        self.fields["unit"].choices = [*known, (_("Added by judgement"), others)] if others else known


class Check:
    """The answers to a checklist as the page sends them: ``v-<key>`` and ``n-<key>``."""

    def __init__(self, data):
        self.answers = {
            name[2:]: checking.Answer(verdict, data.get(f"n-{name[2:]}", ""))
            for name, verdict in data.items()
            if name.startswith("v-") and verdict
        }


class Report(forms.Form):
    """A report: date, quantity or conclusion, a line for each point and comment, the commitment."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    dated = forms.DateField(
        label=_("Date of the report"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    verified_kg = forms.IntegerField(
        label=_("Verified quantity (kg)"), min_value=0,
        help_text=_("Taken from the run. Another quantity needs a closed finding that says why, with its effect."),
    )  # fmt: skip
    conclusion = forms.ChoiceField(
        label=_("Conclusion"), choices=Validation.Conclusion.choices, widget=forms.RadioSelect
    )
    commits = forms.BooleanField(label=reporting.COMMITMENT, required=False)

    def __init__(self, *args, points=(), comments=(), of_period=True, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["conclusion" if of_period else "verified_kg"]
        self.points, self.comments = dict(points), list(comments)
        for code, label in self.points.items():
            self.fields[f"met-{code}"] = forms.BooleanField(label=_("met"), required=False, initial=True)
            self.fields[f"text-{code}"] = words(label, most=reporting.LONGEST, required=False)
        for one in self.comments:
            self.fields[f"comment-{one.number}"] = words(
                _("How comment %(number)s was handled") % {"number": one.number}, most=reporting.LONGEST,
                required=False,
            )  # fmt: skip

    @property
    def lines(self):
        return [(self[f"text-{code}"], self[f"met-{code}"]) for code in self.points]

    @property
    def handled(self):
        return [(one, self[f"comment-{one.number}"]) for one in self.comments]

    @property
    def opinion(self):
        given = self.cleaned_data
        points = {code: reporting.Point(given[f"met-{code}"], given[f"text-{code}"]) for code in self.points}
        comments = {one.number: given[f"comment-{one.number}"] for one in self.comments}
        return reporting.Opinion(points, comments, given["dated"], given["commits"])


class Convene(forms.Form):
    """Whom to appoint."""

    experts = forms.MultipleChoiceField(label=_("Experts"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, experts=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["experts"].choices = [(str(one.person_id), f"{one.person.name} · {one.field}") for one in experts]


class Declaration(forms.Form):
    conflict = forms.ChoiceField(
        label=_("Your interests"), widget=forms.RadioSelect,
        choices=[("no", _("I have no conflict of interest")),
            ("yes", pgettext_lazy("projects", "I have one and recuse myself"))],
    )  # fmt: skip
    statement = forms.CharField(
        label=pgettext_lazy("projects", "What it is"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class Ballot(forms.Form):
    choice = forms.ChoiceField(
        label=_("Your vote"), widget=forms.RadioSelect,
        choices=[("APPROVE", _("Approve")), ("REJECT", _("Do not approve")), ("ABSTAIN", _("Abstain"))],
    )  # fmt: skip
    reason = words(_("Reasons"), rows=4)


class Conclude(forms.Form):
    held_on = forms.DateField(
        label=_("Day of the meeting"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text = words(pgettext_lazy("projects", "Minutes"), rows=6, most=5000)


class Listed(forms.Form):
    """An expert as the roster has them. Employers: one a line, name, first day, last day (empty: still)."""

    username = forms.CharField(label=_("Sign-in name"), max_length=64)
    title = forms.CharField(label=pgettext_lazy("projects", "Title"), max_length=60, required=False)
    field = forms.CharField(label=pgettext_lazy("projects", "Field"), max_length=120)
    employers = words(
        _("Employers"), rows=3, required=False,
        help_text=_("One a line: name, first day, last day (none where it goes on). 某院，2019-03-01，2022-06-30"),
    )  # fmt: skip
