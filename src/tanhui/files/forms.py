from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.files import access
from tanhui.files.acts import receiving
from tanhui.files.models import Export
from tanhui.kernel.refusal import Refusal, gettext_noop


class FileMissing(Refusal):
    code = "files.file_missing"
    sentence = gettext_noop("No file was chosen for “%(label)s”. Choose one and send the form again.")
    clause = "ARCHITECTURE.md §3"
    status = 422


def upload(request, name, *, kind, at, label="", required=True):
    """What ``{% upload name kind label %}`` brought: the upload its script made, or the file the form itself carried.

    Refuses with ``FileMissing``, or as ``receiving.receive`` does; without ``required``, no file is ``None``.
    """
    if key := request.POST.get(name):
        return access.upload(request.user, key, at=at)
    if (file := request.FILES.get(f"{name}_file")) is not None:
        made = receiving.receive(stream=file, name=file.name, person=request.user, kind=kind, at=at)
        vars(request).setdefault("uploads", {})[name] = made  # so that a form shown again still has it
        return made
    if required:
        raise FileMissing(label=str(label))
    return None


class Encoding(forms.Form):
    encoding = forms.ChoiceField(label=_("Encoding"), widget=forms.RadioSelect)

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["encoding"].choices = offered


class Wish(forms.Form):
    """Which list is to be exported; what else the address says are the list's own parameters."""

    name = forms.CharField(max_length=60)
    form = forms.ChoiceField(choices=Export.Form.choices)

    @property
    def parameters(self):
        own = {name: values[-1] for name, values in self.data.lists() if name not in {*self.fields, *OURS}}
        return {name[:200]: value.replace("\x00", "")[:200] for name, value in list(own.items())[:20]}


OURS = {"csrfmiddlewaretoken"}
