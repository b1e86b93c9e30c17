from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Register(forms.Form):
    name = forms.CharField(
        label=_("Name of the program"), max_length=60, help_text=_("By which your colleagues know it: “accounting”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple, help_text=_("As little as it needs.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [
            (scope, f"{gettext(label)} ({scope})") for scope, (_capacity, label) in settings.TANHUI_SCOPES.items()
        ]
