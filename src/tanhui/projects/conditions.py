"""What each guard demands, in a few words a reader of the procedures understands. One line a guard."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    "applied_equals_verified": _("exactly the verified quantity is applied for"),
    "boundary_drawn": _("land, meter or facility is given"),
    "cleared_locally": _("county and city have looked at it where the city asks for it"),
    "comments_answered": _("every comment of the public is answered"),
    "construction_after": _("construction began late enough"),
    "county_named": _("county and city authority are named"),
    "crediting_given": _("the crediting period is given"),
    "draft_complete": _("the draft is complete"),
    "evidence_stamped": _("the data of every month are stamped"),
    "findings_closed": _("every finding is closed"),
    "generated_after": _("the reductions were generated late enough"),
    "inside_crediting": _("the period lies in the crediting period"),
    "methodology_in_force": _("the methodology takes new projects"),
    "no_other_period": _("no day is in another period"),
    "not_excluded": _("no legal duty to reduce, and outside emissions trading"),
    "nothing_under_way": _("no period is under way"),
    "owner_is_organisation": _("the owner is an organisation registered in China"),
    "owner_not_banned": _("the owner is not banned"),
    "panel_approved": _("the expert panel approved"),
    "period_in_reach": _("the period is recent enough"),
    "period_over": _("the period is over"),
    "project_registered": _("the project is registered and not suspended"),
    "run_complete": _("a run of the methodology gives the quantity"),
    "unique": _("no other claim on the same land, meter or facility"),
    "validation_negative": _("the body found that it does not comply"),
    "validation_positive": _("the body found that it complies"),
    "validation_report_complete": _("the validation report is complete"),
    "validator_named": _("the validation body is named"),
    "verification_report_complete": _("the verification report is complete"),
    "verifier_is_not_validator": _("who validated does not verify"),
    "verifier_named": _("the verification body is named"),
    "verifier_scope": _("the body is qualified for this sector on this day"),
}
