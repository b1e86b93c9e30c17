from django import forms
from django.utils.translation import gettext_lazy as _


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
