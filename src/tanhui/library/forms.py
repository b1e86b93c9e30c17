"""The forms of the library. They check shape; a draft may be as incomplete as it likes, and what is still missing or
wrong is said when it is checked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.library import rules
from tanhui.library.acts import content
from tanhui.library.models import PRINCIPLES, Category, Panelist, Proposal, Scheme, Sector, Standing, Vote
from tanhui.library.models.review import SCORES

NOT_YET = ("", _("Please choose"))
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def line(label, help_text="", most=content.SHORT, **attrs):
    return forms.CharField(
        label=label, max_length=most, help_text=help_text, required=False, widget=forms.TextInput(attrs=attrs)
    )


def passage(label, help_text="", rows=4, most=content.LONGEST):
    return forms.CharField(
        label=label, max_length=most, help_text=help_text, required=False, widget=forms.Textarea(attrs={"rows": rows})
    )


def choose(label, choices, help_text=""):
    return forms.ChoiceField(label=label, choices=[NOT_YET, *choices], required=False, help_text=help_text)


class Part(forms.Form):
    """One page of a proposal; nothing is required to save it."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    @property
    def answers(self):
        return {name: str(value) for name, value in self.cleaned_data.items() if name != "revision"}


class About(Part):
    authority = choose(_("Authority"), (), _("It checks the form, hears the public, convenes the experts and files."))
    scheme = choose(_("Scheme"), Scheme.choices)
    kind = forms.ChoiceField(
        label=_("New or a revision"), choices=Proposal.Kind.choices, widget=forms.RadioSelect, required=False
    )
    revises = choose(_("Version it revises"), (), _("Only for a revision."))
    organisation = choose(
        _("Proposed by"), (), _("Enterprises, universities, associations and people may all propose.")
    )
    name = line(_("Name of the methodology"), most=160)
    name_en = line(_("Name in English"), most=200)
    sector = choose(_("Sector"), Sector.choices)
    category = choose(_("Class"), Category.choices)
    summary = passage(
        _("Introduction"), _("What it measures, for whom, and what is new about it. The public reads this first.")
    )
    changes = passage(_("What changes"), _("Only for a revision: chapter by chapter."), rows=3)
    reasons = passage(_("Why it is revised"), _("Only for a revision."), rows=3)
    authors = line(_("Authors"), _("Names, separated by 、. They cannot sit in the panel."))
    contact_name = line(_("Contact person"), _("Name, telephone and e-mail are kept encrypted and never published."))
    contact_phone = line(_("Telephone"), inputmode="tel", autocomplete="off")
    contact_email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)

    def __init__(self, *args, authorities=(), organisations=(), versions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = [NOT_YET, *authorities]
        self.fields["organisation"].choices = [("", _("In my own name")), *organisations]
        self.fields["revises"].choices = [("", "—"), *versions]


class Chapters(Part):
    applicability = passage(_("Applicability"), _("Each condition, and the evidence by which it is checked."))
    references = passage(_("Normative references and terms"))
    boundary = passage(_("Boundaries"), _("Of the project or the accounting, in space and in time."))
    pools = passage(_("Pools, sources and sinks"), _("What is counted, what is left out, and why."))
    baseline = passage(_("Baseline"))
    additionality = passage(
        _("Additionality and uniqueness"), _("How both are shown, and which other mechanisms are excluded.")
    )
    quantification = passage(_("Quantification"), _("The formulas in words, their order and units."), rows=6)
    data_sources = passage(_("Data and parameters"), _("Where each comes from and whether it can be had."))
    monitoring = passage(_("Monitoring"), _("What is measured, how often, and how its quality is assured."))
    verification = passage(_("Validation and verification"), _("What the verifier looks at, and on which evidence."))
    crediting = passage(_("Crediting period"), _("The time in which reductions can be registered."), rows=2)
    crediting_min = line(_("Shortest crediting period, years"), _("If there is one."), most=3, inputmode="numeric")
    crediting_max = line(_("Longest crediting period, years"), _("If there is one."), most=3, inputmode="numeric")


class Package(Part):
    package = choose(
        _("Package on the shelf"), (),
        _("The computable form of this text. Its bytes are fixed when you submit, and its worked examples must hold."),
    )  # fmt: skip

    def __init__(self, *args, packages=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["package"].choices = [("", _("None: the text alone is proposed")), *packages]


class Act(forms.Form):
    """What every decision carries: the revision it was made on, and its reference."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)


class Check(Act):
    """The form check: what was looked at, what is to be corrected at which point, and why."""

    checklist = forms.MultipleChoiceField(
        choices=[(name, point.label) for name, point in rules.POINTS.items()], required=False,
        widget=forms.CheckboxSelectMultiple, label=_("Points in order"),
    )  # fmt: skip
    reason = passage(_("Opinion"), _("The proposer reads it; once the proposal is public, everybody does."), 3, 1000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, point in rules.POINTS.items():
            self.fields[f"remark-{name}"] = forms.CharField(label=point.label, max_length=500, required=False)

    @property
    def remarks(self):
        return {
            name.removeprefix("remark-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("remark-") and value
        }


class Convene(Act):
    experts = forms.MultipleChoiceField(
        label=_("Experts"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Who proposes it, is named among its authors or works for the proposer cannot be chosen."),
    )  # fmt: skip

    def __init__(self, *args, experts=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["experts"].choices = experts


class Minutes(Act):
    held_on = forms.DateField(label=_("Day of the meeting"), widget=DAY)
    text = passage(
        _("Minutes of the review"),
        _("Who reported, what was asked, what the experts found. Published with the votes."),
        6,
        5000,
    )


class Filing(Act):
    code = line(_("Methodology code"), _("Without the version, as CCER-14-001."), most=40, autocapitalize="characters")
    version = line(_("Version"), _("As V01."), most=16)
    number = line(_("Number of the filing"), _("The document number of the decision."), most=80)
    valid_from = forms.DateField(label=_("Valid from"), widget=DAY)
    previous_until = forms.DateField(
        label=_("The version before takes new projects until"), widget=DAY, required=False,
        help_text=_("By default the day before this one is valid. Projects that have begun stay on their version."),
    )  # fmt: skip


class Declare(forms.Form):
    declared = forms.ChoiceField(
        label=_("Conflict of interest"), widget=forms.RadioSelect,
        choices=[
            (Panelist.Declared.NONE, _("I have none: no work, share, project or kinship ties me to the proposer")),
            (Panelist.Declared.CONFLICT, _("I have one and recuse myself")),
        ],
    )  # fmt: skip
    statement = line(_("What the conflict is"), _("For the minutes, when you recuse yourself."), most=500)


class Ballot(forms.Form):
    choice = forms.ChoiceField(label=_("Vote"), choices=Vote.Choice.choices, widget=forms.RadioSelect, required=False)
    reason = passage(_("Reasons"), _("Published with your vote."), 4, 2000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in PRINCIPLES.items():
            self.fields[f"score-{name}"] = forms.TypedChoiceField(
                label=label,
                coerce=int,
                empty_value=0,
                required=False,
                choices=[("", "—"), *((n, str(n)) for n in SCORES)],
            )

    @property
    def scores(self):
        return {name: self.cleaned_data.get(f"score-{name}") or 0 for name in PRINCIPLES}

    @property
    def score_fields(self):
        return [self[f"score-{name}"] for name in PRINCIPLES]


class Comment(forms.Form):
    name = line(_("Your name"), _("Published with the comment."), most=64, autocomplete="name")
    organisation = line(_("Organisation"), _("If you speak for one. Published."), most=120, autocomplete="organization")
    contact = line(
        _("How to reach you"), _("Telephone or e-mail, if you like. Kept encrypted, never published."), most=200
    )
    clause = line(_("Chapter or clause"), most=120)
    text = passage(_("Comment"), "", 5, 2000)


class Answer(forms.Form):
    text = passage(_("Answer to the comment"), "", 3, 2000)
    adopted = forms.TypedChoiceField(
        label=_("Adopted"), required=False, widget=forms.RadioSelect,
        choices=[("1", _("Adopted")), ("0", _("Not adopted"))],
        coerce=lambda value: value == "1", empty_value=None,
    )  # fmt: skip
    hidden_reason = line(_("Why it is not shown"), most=300)


class Stand(forms.Form):
    """Announce a version for revision, put it in force again, or retire it."""

    state = forms.ChoiceField(label=_("New state"), choices=Standing.State.choices, widget=forms.RadioSelect)
    since = forms.DateField(label=_("Applies from"), widget=DAY)
    reason = line(_("Reason"), most=300)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)


class Enter(forms.Form):
    """A version that was published elsewhere."""

    code = line(_("Methodology code"), _("Without the version, as CCER-14-001."), most=40, autocapitalize="characters")
    version = line(_("Version"), _("As V01."), most=16)
    name = line(_("Name of the methodology"), most=160)
    name_en = line(_("Name in English"), most=200)
    scheme = choose(_("Scheme"), Scheme.choices)
    sector = choose(_("Sector"), Sector.choices)
    category = choose(_("Class"), Category.choices)
    issuer = line(_("Published by"), most=160)
    filing_number = line(_("Document number"), most=80)
    source = line(_("Source"), _("Title and place of the publication."), most=400)
    published_on = forms.DateField(label=_("Published on"), widget=DAY)
    valid_from = forms.DateField(label=_("Valid from"), widget=DAY)
    crediting_years_min = forms.IntegerField(
        label=_("Shortest crediting period, years"), min_value=1, max_value=100, required=False
    )
    crediting_years_max = forms.IntegerField(
        label=_("Longest crediting period, years"), min_value=1, max_value=100, required=False
    )
    package = choose(_("Package on the shelf"), ())
    summary = passage(_("Introduction"), rows=3)
    changes = passage(_("What changes"), _("Against the version before."), rows=3)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, packages=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["package"].choices = [("", "—"), *packages]


class Search(forms.Form):
    q = forms.CharField(
        label=_("Name, proposer or number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class Withdraw(Act):
    reason = line(_("Reason"), most=300)
