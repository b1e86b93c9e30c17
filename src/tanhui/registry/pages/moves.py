"""Starting a transfer or a retirement: fill in, see exactly which units, hand it to the second person."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity.models import Mandate
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, forms, queries
from tanhui.registry.acts import lines, retirement, transfer as transfers
from tanhui.registry.pages.wording import describe, place_of, steps
from tanhui.ui import refusals

FIELDS = {
    "kernel.range_impossible": "serials", "ledger.serials_not_free": "serials", "ledger.serials_locked": "serials",
    "registry.serials_outside_batch": "serials", "ledger.not_enough_held": "tonnes",
    "registry.account_unknown": "target", "registry.transfer_to_itself": "target",
    "registry.purpose_unknown": "purpose", "ui.glyph_missing": "statement",
    "registry.beneficiary_unnamed": "organisation_name",
}  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def transfer(request, code):
    return move(request, code, form_class=forms.Transfer, kind="transfer", title=_("Transfer"))


@login_required
@require_http_methods(["GET", "POST"])
def retire(request, code):
    return move(request, code, form_class=forms.Retire, kind="retire", title=_("Retire"))
