import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from tanhui.portal.models import Category


class EarlierCheckpoint(forms.Form):
    checkpoint = forms.CharField(
        label=_("Earlier checkpoint"),
        help_text=_("The whole text, with the lines of the signatures."),
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean_checkpoint(self):
        """As the signed note it was: browsers send CRLF and copying loses the last line end."""
        return self.cleaned_data["checkpoint"].replace("\r\n", "\n").strip("\n") + "\n"


class Filter(forms.Form):
    """The filter of a register: what is searched, and a choice for every property there is."""

    q = forms.CharField(label=_("Search"), required=False, max_length=120)

    def __init__(self, *args, labels, choices, searchable=(), **kwargs):
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["q"].widget.input_type = "search"
        if "region" in searchable:
            self.fields["region"] = forms.CharField(label=_("Region"), required=False, max_length=60)
        for name, values in choices.items():
            if len(values) > 1 or self.data.get(name):
                offered = [("", _("Any")), *((value, f"{label} ({many:,})") for value, label, many in values)]
                self.fields[name] = forms.ChoiceField(label=labels[name], choices=offered, required=False)


class Numbers(forms.Form):
    """Several numbers to look up, one to a line."""

    numbers = forms.CharField(
        label=_("Numbers, one to a line"),
        help_text=_("Up to 200 lines: serials, unit numbers, certificates, projects, batches or pasted addresses."),
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )


# Days that an official text can bear, and that working days can be counted from.
DAYS = [MinValueValidator(dt.date(1949, 10, 1)), MaxValueValidator(dt.date(2199, 12, 31))]


class DraftForm(forms.Form):
    """A publication as it is written. ``revision`` is the one that was read, so that nobody overwrites another."""

    category = forms.ChoiceField(label=_("Category"), choices=Category)
    title = forms.CharField(label=_("Title"), max_length=160)
    document_number = forms.CharField(
        label=_("Document number"), max_length=80, required=False, help_text=_("As printed, if it has one.")
    )
    source = forms.CharField(label=_("Source"), max_length=120, help_text=_("Who issued it."))
    made_on = forms.DateField(
        label=_("Made or changed on"),
        validators=DAYS,
        help_text=_("The day the information was made or changed: twenty working days run from it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    effective_from = forms.DateField(
        label=_("In force from"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    effective_until = forms.DateField(
        label=_("In force until"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    summary = forms.CharField(
        label=_("Summary"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=200_000,
        help_text=_("Markdown: headings, lists, tables, links. HTML is shown as text."),
        widget=forms.Textarea(attrs={"rows": 18}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, fixed=None, **kwargs):
        super().__init__(*args, **kwargs)
        if fixed:
            self.fields["category"].choices = [(fixed, Category(fixed).label)]

    def clean(self):
        found = super().clean()
        first, last = found.get("effective_from"), found.get("effective_until")
        if first and last and last < first:
            self.add_error("effective_until", _("It would end before it begins."))
        return found


class Reason(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class Attachment(forms.Form):
    title = forms.CharField(label=_("Title of the file"), max_length=120)
    file = forms.FileField(label=_("File"), max_length=200)
