"""What a proposal says (rules M-01, M-04, M-05), and everything that may be wrong with it before it is submitted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tanhui.identity.models import Organisation
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import proposals, queries
from tanhui.library.models import Category, Paper, Proposal, Scheme, Sector, Version

Content = Mapping[str, str]

FIELDS = {
    "about": [
        "authority", "scheme", "kind", "revises", "organisation", "name", "name_en", "sector", "category", "summary",
        "changes", "reasons", "authors", "contact_name", "contact_phone", "contact_email",
    ],
    "chapters": [
        "applicability", "references", "boundary", "pools", "baseline", "additionality", "quantification",
        "data_sources", "monitoring", "verification", "crediting", "crediting_min", "crediting_max",
    ],
    "package": ["package"],
    "papers": [],
}  # fmt: skip
SECRET = ("contact_name", "contact_phone", "contact_email")
LONG = {"summary", "changes", "reasons", *FIELDS["chapters"]} - {"crediting_min", "crediting_max"}
OPTIONAL = {"organisation", "name_en", "revises", "changes", "reasons", "package", "crediting_min", "crediting_max"}
REVISING = ("revises", "changes", "reasons")  # what a revision says besides
LONGEST, SHORT = 4000, 300  # characters
PHONE = re.compile(r"[0-9+() -]{5,30}")


class Missing(Refusal):
    code = "library.field_missing"
    sentence = gettext_noop("This is still empty. Fill it in before submitting.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第八条（rules M-01, M-04）"
    status = 422


class NotAChoice(Refusal):
    code = "library.not_a_choice"
    sentence = gettext_noop("“%(value)s” cannot be chosen here. Choose one of those offered.")
    clause = "rules M-05"
    status = 422


class YearsImpossible(Refusal):
    code = "library.years_impossible"
    sentence = gettext_noop(
        "A crediting period of %(least)s to %(most)s years is not possible. Give whole years from 1 to 100, the "
        "shorter one first."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第八条（rules M-01）"
    status = 422


class PhoneUnreadable(Refusal):
    code = "library.phone_unreadable"
    sentence = gettext_noop("“%(value)s” is no telephone number. Write digits, at least five.")
    clause = "rules M-03"
    status = 422


class PaperMissing(Refusal):
    code = "library.paper_missing"
    sentence = gettext_noop("“%(paper)s” is missing. Hand it in before submitting.")
    clause = "rules M-03, M-04: application form and text"
    status = 422


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    refusal: Refusal


def faults(
    proposal: Proposal, said: Content, papers: Mapping[str, Paper], authorities: Mapping[str, str]
) -> Iterator[Fault]:
    """Everything that keeps what was filled in from being submitted, in the order of the form."""
    revising = said.get("kind") == Proposal.Kind.REVISION
    for fields in FIELDS.values():
        for field in fields:
            asked = field not in OPTIONAL or (revising and field in REVISING)
            if asked and not said.get(field, "").strip():
                yield Fault(field, Missing())
    choices: list[tuple[str, Any]] = [
        ("authority", authorities), ("scheme", Scheme.values), ("kind", Proposal.Kind.values),
        ("sector", Sector.values), ("category", Category.values),
    ]  # fmt: skip
    for field, known in choices:
        if (value := said.get(field, "")) and value not in known:
            yield Fault(field, NotAChoice(value=value[:60]))
    if revising and (value := said.get("revises", "")) and revised(said) is None:
        yield Fault("revises", NotAChoice(value=value[:60]))
    if (value := said.get("contact_phone", "").strip()) and not PHONE.fullmatch(value):
        yield Fault("contact_phone", PhoneUnreadable(value=value[:40]))
    least, most = said.get("crediting_min", "").strip(), said.get("crediting_max", "").strip()
    if (least or most) and not (years(least) and years(most) and int(least) <= int(most)):
        yield Fault("crediting_min", YearsImpossible(least=least[:10] or "—", most=most[:10] or "—"))
    for kind in Paper.NEEDED:
        if kind not in papers:
            yield Fault(kind, PaperMissing(paper=str(kind.label)))


def years(text: str) -> int | None:
    """A number of years from 1 to 100, or nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= 100 else None


def revised(said: Content) -> Version | None:
    """The published version a revision names."""
    return queries.of_full_code(said.get("revises", ""))


def authorities() -> dict[str, str]:
    """The bodies that take proposals: code and name."""
    found = Organisation.objects.filter(role__in=proposals.HANDLERS).order_by("role", "name")
    return {one.uscc: one.name for one in found}
