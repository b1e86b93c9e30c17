"""The forms of the accounting year. They check shape; the acts check rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.inventory import methods
from tanhui.inventory.models import Access, CrossCheck, Dataset, Grade, Verification

NOT_YET = ("", _("Please choose"))
OUTCOMES = [
    (Verification.Outcome.CONFIRMED, _("Confirm the figures")),
    (Verification.Outcome.REFUTED, _("Send them back to be computed anew")),
]


def day(label, help_text="", required=True):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


def degrees(label, least, most):
    return forms.FloatField(
        label=label, min_value=least, max_value=most, widget=forms.NumberInput(attrs={"step": "any"})
    )


class Method(forms.Form):
    """How a year is computed."""

    norm = forms.ChoiceField(
        label=_("Norm"), choices=[(one.id, f"{one.id} {one.title}") for one in methods.NORMS.values()]
    )
    way = forms.ChoiceField(
        label=_("Method of the norm"), choices=list(methods.WAYS.items()), required=False,
        help_text=_("Every method but NPP − Rh takes the norm's table of coefficients as a set of data."),
    )  # fmt: skip
    coefficients = forms.CharField(
        label=_("Version of the table of coefficients"),
        max_length=80,
        help_text=_("As printed in the norm, or its year."),
    )
    npp = forms.ChoiceField(
        label=_("Where NPP comes from"), required=False,
        choices=[NOT_YET, *((key, label) for key, (label, _l) in methods.NPP.items())],
        help_text=_("Not for rates or biomass."),
    )  # fmt: skip
    respiration = forms.MultipleChoiceField(
        label=_("Models of heterotrophic respiration"), widget=forms.CheckboxSelectMultiple, required=False,
        choices=[(key, label) for key, (label, _l) in methods.RESPIRATION.items()],
        help_text=_(
            "Only for NPP − Rh. Two at least: the choice of model is as large as the answer, and its spread is "
            "published."
        ),
    )  # fmt: skip
    span = forms.FloatField(
        label=_("Years between the two surveys"), min_value=0.5, max_value=100, required=False,
        help_text=_("Only for the change of biomass."),
    )  # fmt: skip
    like = forms.ChoiceField(
        label=_("Grid of the run"),
        help_text=_("Cells and projection of this input; the others are aligned to it."),
        choices=[
            ("landcover", _("Ecosystem types (land cover)")),
            ("npp", _("NPP")),
            ("gpp", _("GPP")),
            ("ndvi", _("NDVI")),
            ("biomass_after", _("Biomass at the later survey")),
        ],
    )

    since = forms.IntegerField(
        label=_("Back series from"), min_value=1950, max_value=2199, required=False,
        help_text=_("Earlier years recomputed in the same run, so that they compare. Empty: this year alone."),
    )  # fmt: skip

    @property
    def method(self):
        return {name: self.cleaned_data[name] for name in Method.base_fields if self.cleaned_data[name] != ""}


class Open(Method):
    """A new accounting year."""

    area_name = forms.CharField(label=_("Name of the area"), max_length=60)
    division_code = forms.CharField(
        label=_("Administrative division code"), max_length=12, help_text=_("6 digits of the district."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    year = forms.IntegerField(label=_("Accounting year"), min_value=1950, max_value=2199)
    due_on = day(_("To be published by"), required=False)
    reason = forms.CharField(
        label=_("Reason for the revision"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only where a published year is revised: what was wrong, or what has become better known."),
    )  # fmt: skip

    field_order = ("area_name", "division_code", "year", "due_on", "reason")


class Describe(forms.Form):
    """What is said of a set of data."""

    reference = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind of data"), choices=[NOT_YET, *Dataset.Kind.choices])
    title = forms.CharField(label=_("Title of the data"), max_length=160)
    agency = forms.CharField(label=_("Provided by"), max_length=160)
    provenance = forms.CharField(
        label=_("Origin and processing"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Product and version, how it was obtained, what was done to it."),
    )  # fmt: skip
    licence = forms.CharField(label=_("Licence"), max_length=200)
    access = forms.ChoiceField(label=_("Access"), choices=Access.choices)
    grade = forms.ChoiceField(
        label=_("Evidence grade"), choices=[NOT_YET, *Grade.choices],
        help_text=_("Printed in the report beside the data; weak grades are named there as a limit of the figures."),
    )  # fmt: skip
    unit = forms.CharField(
        label=_("Unit"), max_length=40, required=False, help_text=_("Such as gC m-2 a-1, degC, mm month-1.")
    )
    resolution = forms.CharField(label=_("Resolution"), max_length=60, required=False)
    first_day, last_day = day(_("First day")), day(_("Last day"))
    west, east = degrees(_("West, degrees"), -180, 180), degrees(_("East, degrees"), -180, 180)
    south, north = degrees(_("South, degrees"), -90, 90), degrees(_("North, degrees"), -90, 90)
    path = forms.CharField(
        label=_("Path on the server"), max_length=400, required=False,
        help_text=_("For what is too large to be handed in: the operator puts it below the folder “data”."),
    )  # fmt: skip

    @property
    def described(self):
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("path", "reference")}
        bounds = tuple(given.pop(name) for name in ("west", "south", "east", "north"))
        return {**given, "bounds": bounds}


class UseData(forms.Form):
    """Which data serves as which input, and how it is read."""

    dataset = forms.ChoiceField(label=_("Data"))
    level = forms.CharField(
        label=_("Level of zones"), max_length=20, required=False, initial="township",
        help_text=_("For boundaries: one word of letters, such as township or park."),
    )  # fmt: skip
    survey = forms.ChoiceField(
        label=_("Survey of biomass"), required=False, help_text=_("For biomass."),
        choices=[
            NOT_YET, ("biomass_before", _("Earlier survey")), ("biomass_after", _("Later survey")),
        ],
    )  # fmt: skip
    of_year = forms.IntegerField(
        label=_("For the year"), min_value=1950, max_value=2199, required=False,
        help_text=_("Only for an earlier year of a back series."),
    )  # fmt: skip
    scheme = forms.ChoiceField(
        label=_("Codes of land cover"), choices=[NOT_YET, *methods.SCHEMES.items()], required=False
    )
    code = forms.CharField(label=_("Field with the code of a zone"), max_length=60, required=False)
    name = forms.CharField(label=_("Field with the name of a zone"), max_length=60, required=False)
    scale = forms.FloatField(label=_("Scale"), required=False, help_text=_("Only where the file does not say it."))
    nodata = forms.FloatField(
        label=_("Missing value"), required=False, help_text=_("Only where the file does not say it.")
    )
    pattern = forms.CharField(
        label=_("Pattern of monthly files"), max_length=80, required=False,
        help_text=_("For a folder on the server: such as tmp_{month}.tif."),
    )  # fmt: skip

    def __init__(self, *args, datasets=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dataset"].choices = [
            NOT_YET,
            *((str(one.pk), f"{one.get_kind_display()} · {one.title}") for one in datasets),
        ]

    @property
    def options(self):
        names = ("scheme", "code", "name", "scale", "nodata", "pattern")
        return {name: value for name in names if (value := self.cleaned_data[name]) not in ("", None)}


class Act(forms.Form):
    """What every decision carries: the revision it was made on, and its reference."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)


class Reason(Act):
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class Appoint(forms.Form):
    verifier = forms.ChoiceField(label=_("Verification body"))

    def __init__(self, *args, bodies=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["verifier"].choices = [NOT_YET, *((str(one.pk), one.name) for one in bodies)]


class Compare(forms.Form):
    """One comparison, with up to four numbers."""

    kind = forms.ChoiceField(label=_("Compared with"), choices=[NOT_YET, *CrossCheck.Kind.choices])
    verdict = forms.ChoiceField(label=_("Finding"), choices=[NOT_YET, *CrossCheck.Verdict.choices])
    numbers = forms.CharField(
        label=_("Numbers found"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, what it is and its value: 偏差：+45 gC m-2 a-1"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Remarks"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    @property
    def result(self):
        lines = (line.replace(":", "：", 1).partition("：") for line in self.cleaned_data["numbers"].splitlines())
        return {name.strip(): value.strip() for name, _sep, value in lines if name.strip()}


class Sign(Act):
    outcome = forms.ChoiceField(label=_("Outcome of the verification"), choices=OUTCOMES, widget=forms.RadioSelect)
    opinion = forms.CharField(
        label=_("Opinion of the verifier"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was looked at, and what was found."),
    )  # fmt: skip


class Draft(Act):
    map_approval = forms.CharField(
        label=_("Map approval number"), max_length=40, required=False,
        help_text=_("Printed on every map. As long as there is none, maps are marked as not approved for display."),
    )  # fmt: skip


class Publish(Act):
    licence = forms.CharField(label=_("Licence of the published data"), max_length=200)
