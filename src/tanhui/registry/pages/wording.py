"""What instructions and holdings are called on pages."""

import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tanhui.registry import queries
from tanhui.registry.acts import lines
from tanhui.registry.acts import retirement as retirements
from tanhui.registry.acts import transfer as transfers
from tanhui.registry.models import Retirement, SubAccount
from tanhui.tlog import checkpoint, note
from tanhui.ui.templatetags.ui import Step, thousands


@dataclass(frozen=True)
class What:
    """What an instruction does: labelled facts, whole tonnes, and the printed serials of exactly these units."""

    facts: list[tuple[str, str]]
    tonnes: int
    serials: list[str]


def stock(one):
    """One line of what may be given away, as a choice."""
    return _("%(available)s t available · %(project)s · %(vintage)s · batch %(number)s · %(where)s") % {
        "project": one.batch.project.name,
        "vintage": one.batch.vintage,
        "number": f"{one.batch.number:03d}",
        "where": one.sub_account.get_purpose_display(),
        "available": thousands(one.available),
    }


def printed(batch, block):
    return str(lines.printed(batch, block))


def beside(name, note):
    return _("%(name)s (%(note)s)") % {"name": name, "note": note}


def transfer(source, target, reason):
    facts = [
        (_("From"), beside(source.organisation, source.code)),
        (_("To"), beside(target.organisation, target.code)),
    ]
    return facts + ([(_("Reason"), reason)] if reason else [])


def retirement(source, purpose, beneficiary, statement):
    kind = dict(Retirement.Beneficiary.choices)[beneficiary.kind]
    facts = [
        (_("From"), beside(source.organisation, source.code)),
        (_("Purpose"), purpose),
        (_("On behalf of"), beside(beneficiary.name, kind)),
    ]
    if beneficiary.code:
        label = _("Identity number, masked") if beneficiary.kind == "PERSON" else _("Unified social credit code")
        facts.append((label, beneficiary.code))
    return facts + ([(_("Statement on the certificate"), statement)] if statement else [])


def title(asked):
    """An instruction in one line."""
    tonnes = sum(one["quantity_t"] for one in asked.body["wanted"])
    name = {transfers.ACT: _("Transfer of %(tonnes)s t"), retirements.ACT: _("Retirement of %(tonnes)s t")}[asked.act]
    return name % {"tonnes": thousands(tonnes)}


def what(asked):
    """What an instruction does, with the very units that were set aside for it."""
    source, target = queries.places(asked)
    body = asked.body
    if asked.act == transfers.ACT:
        facts = transfer(source.account, target.account, body["reason"])
    else:
        purpose = dict(Retirement.Purpose.choices)[body["purpose"]]
        beneficiary = retirements.Beneficiary(**body["beneficiary"])
        facts = retirement(source.account, purpose, beneficiary, body["statement"])
    units = queries.set_aside(asked)
    return What(facts, sum(one["quantity_t"] for one in body["wanted"]), [printed(*unit) for unit in units])


def other_end(code):
    """Where units came from or went: another account with its part, or the use they were put to."""
    place, _slash, part = code.partition("/")
    if part in SubAccount.Purpose.values:
        return beside(place, SubAccount.Purpose(part).label)
    boundary, _colon, purpose = code.partition(":")
    if boundary == "retired" and purpose in Retirement.Purpose.values:
        return Retirement.Purpose(purpose).label
    return "—"


def steps(now):
    """The stations of an instruction, of which ``now`` is under way."""
    labels = [_("Fill in"), _("Check the units"), _("Second person confirms"), _("Recorded")]
    return [
        Step(label, "done" if place < now else "now" if place == now else "todo") for place, label in enumerate(labels)
    ]


def ended(asked, decision):
    """The stations of an instruction that was given, with who and when."""
    given = Step(_("Initiated"), "done", asked.at, str(asked.initiator))
    if decision is None:
        return [given, Step(_("Second person confirms"), "now"), Step(_("Recorded"), "todo")]
    who = str(decision.by) if decision.by else ""
    if decision.outcome == decision.Outcome.CONFIRMED:
        return [given, Step(_("Confirmed"), "done", decision.at, who), Step(_("Recorded"), "done", decision.at)]
    return [given, Step(decision.get_outcome_display(), "stopped", decision.at, who)]


def proof(made):
    """A proof bundle as the certificate page shows it."""
    head = checkpoint.parse(note.parse(made["checkpoint"]).text)
    leaf = json.dumps(json.loads(made["leaf"]), ensure_ascii=False, indent=2)
    return {**made, "path": made["inclusion"], "root": head.root.hex(), "leaf": leaf}
