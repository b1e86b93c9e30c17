"""The forms of land. They check shape; the acts check rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.projects import columns, placing
from tanhui.projects.models import ParcelVersion, Source

NOBODY = ("", _("Not in the file"))
UNITS = [("m2", _("square metres")), ("ha", _("hectares")), ("mu", _("mu (1/15 ha)"))]
SYSTEMS = [
    ("", _("As the file says")),
    (placing.DEGREES, _("CGCS2000, longitude and latitude")),
    (placing.WGS84, _("WGS 84 or another geocentric system (taken as CGCS2000, noted)")),
    (placing.GCJ02, _("GCJ-02 (web map)")),
    (placing.BD09, _("BD-09 (web map)")),
    (_("CGCS2000, Gauss–Krüger"), placing.zones()),
]


class OpenSource(forms.Form):
    name = forms.CharField(
        label=_("Name of the source"), max_length=80,
        help_text=_("Such as “Songshan sub-compartments”: one series of surveys that number parcels alike."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind of survey"), choices=Source.Kind.choices, widget=forms.RadioSelect)


class Mapping(forms.Form):
    """How a file is read: year, coordinate system, and which column holds what. Its fields are the file's columns."""

    year = forms.IntegerField(label=_("Year of the survey"), min_value=1950, max_value=2199)
    crs = forms.ChoiceField(label=_("Coordinate system"), choices=SYSTEMS, required=False)
    division = forms.CharField(
        label=_("Division code for rows without one"), max_length=12, required=False,
        help_text=_("6 digits of the county, 9 with the township, 12 with the village."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    numbered = forms.BooleanField(
        label=_("No column holds a parcel number: number the rows by their place in the file"), required=False,
        help_text=_("Parcels are then not recognised in the survey of another year."),
    )  # fmt: skip
    unit = forms.ChoiceField(label=_("Unit of the surveyed area"), choices=UNITS, required=False)

    def __init__(self, *args, headings, layers=(), guessed, **kwargs):
        super().__init__(*args, **kwargs)
        offered = [(one, one) for one in headings]
        for field in columns.FIELDS.values():
            chosen = guessed["columns"].get(field.name, [])
            if field.name == "code":
                self.fields["code"] = forms.MultipleChoiceField(
                    label=field.label, choices=offered, required=False, initial=chosen,
                    widget=forms.CheckboxSelectMultiple,
                    help_text=_("Several columns together, where numbers repeat from village to village."),
                )  # fmt: skip
            else:
                self.fields[f"at_{field.name}"] = forms.ChoiceField(
                    label=field.label, choices=[NOBODY, *offered], required=False, initial=(chosen or [""])[0]
                )
        if len(layers) > 1:
            self.fields["layer"] = forms.ChoiceField(label=_("Layer"), choices=[(one, one) for one in layers])
        for name in ("division", "numbered", "unit"):
            self.fields[name].initial = guessed[name]

    @property
    def columns(self):
        """The fields that choose a column, for the page."""
        return [self[name] for name in self.fields if name.startswith("at_")]

    @property
    def mapping(self):
        said = self.cleaned_data
        chosen = {
            name.removeprefix("at_"): [column] for name, column in said.items() if name.startswith("at_") and column
        }
        if said["code"] and not said["numbered"]:
            chosen["code"] = said["code"]
        return {
            "columns": chosen, "unit": said["unit"] or "m2", "layer": said.get("layer", ""),
            "division": said["division"].strip(), "numbered": said["numbered"],
        }  # fmt: skip


class Parcels(forms.Form):
    """The filter of a list of parcels."""

    text = forms.CharField(label=_("Number, holder, collective, certificate"), max_length=60, required=False)
    division = forms.ChoiceField(label=_("County"), required=False)
    ecosystem = forms.ChoiceField(
        label=_("Ecosystem"), required=False, choices=[("", _("Any")), *ParcelVersion.Ecosystem.choices]
    )
    red_line = forms.ChoiceField(
        label=_("Ecological red line"),
        required=False,
        choices=[("", _("Any")), ("1", _("inside")), ("0", _("outside"))],
    )
    untitled = forms.BooleanField(label=_("Without title or contract"), required=False)

    def __init__(self, *args, counties, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [("", _("Any")), *counties]


class Withdraw(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )


class Rain(forms.Form):
    rain = forms.IntegerField(
        label=_("Precipitation of a usual year (mm)"), min_value=0, max_value=9000, required=False,
        help_text=_("Decides whether additionality must be argued; left open where empty."),
    )  # fmt: skip
