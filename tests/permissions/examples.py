"""What stands in place of each parameter of an address: something of the visitor's own, of others, and of nobody.

One entry per address, without ``/api/v1``; a longer one counts before a shorter one. Whoever adds an address with a
parameter adds its example here, or the walk fails by its name.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.api import requests
from tests.permissions import furnished
from tests.permissions.furnished import HOLDERS, PUBLISHERS, Here, Visitor

from tanhui.identity.models import Person

Values = dict[str, Any]
NOBODYS = str(uuid.UUID(int=7))
NONE = 2**40


@dataclass(frozen=True)
class Example:
    """Values of an address's parameters. ``own`` and ``foreign`` are asked of (here, visitor); ``None``: has none."""

    own: Callable[[Here, Visitor], Values | None]
    foreign: Callable[[Here, Visitor], Values | None] = lambda here, visitor: None
    absent: Values | None = None


def everybodys(value: Callable[[Here], Values]) -> Example:
    return Example(lambda here, visitor: value(here))


def of_role(values: Callable[[Here, str], Values], absent: Values, roles: list[str] = HOLDERS) -> Example:
    """Things that an organisation of each of these roles has; to others those of the first are foreign."""
    return Example(
        lambda here, visitor: values(here, visitor.role) if visitor.role in roles else None,
        lambda here, visitor: values(here, next(role for role in [*roles, *HOLDERS] if role != visitor.role)),
        absent,
    )


def of_person(make: Callable[[Person], Any], name: str, absent: Any = NONE, *, walks: bool = True) -> Example:
    """Things a person has; of ``Here.somebody`` they are foreign. ``walks``: the visitors have one too."""
    return Example(
        lambda here, visitor: {name: make(visitor.person).pk} if visitor.person and walks else None,
        lambda here, visitor: {name: make(here.somebody).pk},
        {name: absent},
    )


def of(names: str, values: Callable[[Here], Values], absent: Values) -> Example:
    """One thing, which these visitors (names, or roles) may see."""
    seeing = names.split()
    return Example(
        lambda here, visitor: values(here) if {visitor.name, visitor.role, visitor.duty} & {*seeing} else None,
        lambda here, visitor: values(here) if not {visitor.name, visitor.role, visitor.duty} & {*seeing} else None,
        absent,
    )


def organisation(here: Here, role: str) -> Values:
    return {"code": here.parties[role].organisation.uscc}


def account(here: Here, role: str) -> Values:
    held = here.parties[role].account
    assert held is not None
    return {"code": held.code}


def paper(here: Here) -> Values:
    return {"document": here.case.application.papers.order_by("pk")[0].document, "number": 1}


EXAMPLES = {
    # the register
    "/accounts/{code}": of_role(account, {"code": "A9999999"}, ["OWN", "PART", "REG"]),
    "/accounts/{code}/issuance.pdf": of_role(account, {"code": "A9999999"}, ["OWN"]),
    "/desk/accounts/{code}": everybodys(lambda here: account(here, "OWN")),
    "/instructions/{key}": of_role(lambda here, role: {"key": here.instructions[role].pk}, {"key": NOBODYS}),
    "/batches/{code}": everybodys(lambda here: {"code": here.world.batch.asset.code}),
    "/certificates/{number}": everybodys(lambda here: {"number": here.certificate}),
    "/projects/{number}": everybodys(lambda here: {"number": here.world.project.number}),
    "/units/{text}": everybodys(lambda here: {"text": here.world.batch.serials.lower}),
    "/openings/{key}": of("person REG EXC", lambda here: {"key": here.case.application.pk}, {"key": NOBODYS}),
    "/openings/{key}/edit": of("person", lambda here: {"key": here.draft.pk, "part": "subject"}, {"key": NOBODYS}),
    "/openings/{key}/check": of("person", lambda here: {"key": here.draft.pk}, {"key": NOBODYS}),
    "/openings/{key}/papers": of(
        "person REG EXC", lambda here: {"key": here.case.application.pk} | paper(here), {"key": NOBODYS}
    ),
    "/desk/openings/{view}": everybodys(lambda here: {"view": "new"}),
    "/desk/openings/{key}": of("REG EXC", lambda here: {"key": here.case.application.pk}, {"key": NOBODYS}),
    # the library
    "/proposals/{key}": of(
        "person", lambda here: {"key": here.unfinished.pk, "part": "about"}, {"key": NOBODYS, "part": "about"}
    ),
    "/reviews/{key}": of("EXP-VIEW", lambda here: {"key": here.seat.pk}, {"key": NONE}),
    "/desk/methodologies/{key}": of(
        "AUTH AUTHL REG AUD", lambda here: {"key": here.proposing.proposal.pk}, {"key": NOBODYS}
    ),
    "/desk/methodologies/{view}": everybodys(lambda here: {"view": "new"}),
    "/desk/methodologies/asked/{key}": of("AUTH", lambda here: {"key": here.entering.pk}, {"key": NOBODYS}),
    "/desk/methodologies/versions/{code}": everybodys(lambda here: {"code": "WALK-1-V01"}),
    "/methodologies/proposals/{number}": everybodys(lambda here: {"number": here.proposing.proposal.code}),
    # identity
    "/organisations/{code}": of_role(organisation, {"code": "91150402000099999X"}),
    "/organisations/{code}/programs/{key}": of_role(
        lambda here, role: organisation(here, role) | {"key": here.programs[role]}, {"key": "c-0"}
    ),
    "/organisations/{code}/members/{key}": of_role(
        lambda here, role: (
            organisation(here, role) | {"key": furnished.member(here.visitors[f"{role}-CONFIRM"].person).pk}
        ),
        {"key": NONE},
    ),
    "/organisations/{code}/invitations/{key}": of_role(
        lambda here, role: organisation(here, role) | {"key": here.invitations[role].pk}, {"key": NOBODYS}
    ),
    "/changes/{key}": of_role(lambda here, role: {"key": here.changes[role].pk}, {"key": NOBODYS}),
    "/me/memberships/{key}": Example(
        lambda here, visitor: {"key": furnished.member(visitor.person).pk} if visitor.party else None,
        lambda here, visitor: {"key": here.parties["TECH"].initiator.membership_id},
        {"key": NONE},
    ),
    "/duties/{key}": of("REG", lambda here: {"key": here.duties["AUDIT"].pk}, {"key": NONE}),
    "/duty/sessions/{key}": of(
        "AUDIT SECURITY", lambda here: {"key": here.duties["AUDIT"].sessions.get().pk}, {"key": NOBODYS}
    ),
    "/people/{key}": of("SECURITY", lambda here: {"key": here.somebody.pk}, {"key": NONE}),
    "/security/keys/{pk}": of_person(furnished.passkey, "pk", walks=False),
    "/security/sessions/{number}": of_person(furnished.session, "number"),
    "/password/new/{uidb36}-{key}": everybodys(lambda here: {"uidb36": "1", "key": "abc-def"}),
    # files
    "/uploads/{key}": of_person(furnished.upload, "key", NOBODYS),
    "/documents/{key}": of(
        "person REG EXC", lambda here: {"key": paper(here)["document"], "number": 1}, {"key": NOBODYS}
    ),
    "/exports/{key}": of_person(furnished.export, "key", NOBODYS),
    # notices
    "/notices/{key}": of_person(furnished.notice, "key"),
    "/webhooks/{key}": of_role(lambda here, role: {"key": here.webhooks[role].pk}, {"key": NOBODYS}),
    "/webhooks/{key}/deliveries": of_role(
        lambda here, role: {"key": here.webhooks[role].pk, "number": here.webhooks[role].pinged}, {"key": NOBODYS}
    ),
    "/webhooks/new/{organisation}": of_role(
        lambda here, role: {"organisation": here.parties[role].organisation.pk}, {"organisation": NONE}
    ),
    # the library
    "/methodologies/{code}": everybodys(lambda here: {"code": "ar_cm_001", "version": "v01"}),
    "/methodologies/named/{full_code}": everybodys(lambda here: {"full_code": "AR-CM-001-V01"}),
    # the inventory
    "/desk/stock-sinks/{code}": of(
        "NATR VVB", lambda here: {"code": here.accounting_year.code}, {"code": "330699-1999"}
    ),
    "/desk/stock-sinks/data/{key}": of("NATR", lambda here: {"key": here.dataset.pk}, {"key": NOBODYS}),
    # land
    "/land/sources/{key}": of("OWN", lambda here: {"key": here.land.pk}, {"key": NONE}),
    # shares
    "/sharing-out/desk/{number}": of(
        "OWN NATR AUTHL", lambda here: {"number": here.world.project.number}, {"number": NONE}
    ),
    "/sharing-out/desk/{number}/sale": of("OWN", lambda here: {"number": here.world.project.number}, {"number": NONE}),
    # the public pages
    "/publications/{number}": everybodys(lambda here: {"number": here.publication, "version": 1}),
    "/publications/{slug}": everybodys(lambda here: {"slug": "policy"}),
    "/desk/publications/{number}": everybodys(lambda here: {"number": here.publication}),
    "/desk/drafts/{key}": of_role(lambda here, role: {"key": here.drafts[role]}, {"key": NONE}, PUBLISHERS),
    "/log/{path}": everybodys(lambda here: {"path": "checkpoint"}),
    "/refusals/{code}": everybodys(lambda here: {"code": "site.not_found"}),
    "/ui/progress/{done}": everybodys(lambda here: {"done": 40}),
}
EXAMPLES |= {"/files" + name: EXAMPLES[name] for name in ("/exports/{key}", "/uploads/{key}")}
EXAMPLES["/files/{key}"] = Example(
    EXAMPLES["/documents/{key}"].own, EXAMPLES["/documents/{key}"].foreign, {"key": NOBODYS}
)

# Addresses that lead to nothing here: there is no example to give.
NOTHING_HERE = {
    "/rewards/vouchers/{key}",
    "/rewards/{key}",
    "/desk/rewards/{key}",
    "/desk/pooling/{key}",
    # no evaluation asks for green records there, and no region is recognised
    "/carbon/credit/{key}",
    "/credit/{key}",
    "/desk/regions/{key}",
    "/inclusion/regions/statements/{key}",
    "/inclusion/credit/records/{number}/fetch",
    # nobody there has a carbon account; their own pages are tried in tests/inclusion
    "/carbon/months/{year}/{number}",
    "/carbon/days/{on}",
    "/carbon/years/{number}",
    "/carbon/receipts/{key}",
    "/projects/{number}/runs/{key}",
    "/login/portal/{provider_id}",
    "/login/portal/{provider_id}/back",
    "/map/{layer}/{level}/{column}/{row}",
    "/openings/seats/{code}",
    "/sitemap-{part}.xml",
    "/desk/openings/{key}/compare/{earlier}/{later}",
    "/files/{key}/map/{number}",
    "/files/{key}/map/{number}/{level}/{column}/{row}.png",
    "/exports/{key}/file",
    "/files/exports/{key}/file",
    # no scenario, no provider and nothing handed in there
    "/scenarios/{code}",
    "/scenarios/providers/{code}",
    "/scenarios/batches/{key}",
    "/scenarios/held-back/{key}",
    "/desk/scenarios/{code}",
    "/desk/providers/{code}",
    "/inclusion/batches/{batch}",
    # no year is published or computed and nothing shared there
    "/stock-sinks/{code}",
    "/stock-sinks/{code}/figures",
    "/desk/stock-sinks/{code}/progress",
    "/desk/stock-sinks/{code}/bundle",
    "/stock-sinks/{division}/{year}",
    "/stock-sinks/zones/{code}/{level}",
    "/stock-sinks/tiles/{sha256}/{layer}/{level}/{column}/{row}.png",
    "/stock-sinks/received/{key}",
    "/desk/stock-sinks/sharing/{key}",
    "/desk/stock-sinks/sharing/asked/{key}",
    # nothing is offered, used, shared out or restored there
    "/stock-sinks/products/{code}",
    "/stock-sinks/uses/{number}",
    "/stock-sinks/uses/{number}.pdf",
    "/stock-sinks/uses/{number}/pdf",
    "/stock-sinks/uses/{number}/proof",
    "/stock-sinks/ours/{code}",
    "/stock-sinks/ours/{code}/uses",
    "/stock-sinks/ours/{code}/supplies",
    "/stock-sinks/asked/{key}/confirm",
    "/stock-sinks/asked/{key}/reject",
    "/stock-sinks/asked/{key}/withdraw",
    "/stock-sinks/ours/{code}/use",
    "/stock-sinks/ours/{code}/give",
    "/stock-sinks/ours/{code}/pledge",
    "/stock-sinks/pledges/{key}/release",
    "/stock-sinks/asked/{key}",
    "/stock-sinks/compensation/{key}",
    "/stock-sinks/restoration/{key}",
    "/desk/stock-sinks/{code}/offer",
    "/desk/stock-sinks/{code}/compensation",
    "/desk/stock-sinks/incentives/{key}/paid",
    # no survey has been handed in there
    "/land/sources/{key}/import/{upload}",
    "/land/surveys/{key}",
    "/land/surveys/{key}/part",
    "/land/surveys/{key}/findings",
    "/land/surveys/{key}/take",
    "/land/surveys/{key}/withdraw",
    "/land/parcels/{key}",
    # no device, plot or technique is there
    "/field/devices/{code}",
    "/field/devices/{code}/sheet",
    "/field/sheets/{key}",
    "/field/months/{key}",
    "/field/months/{key}/{year}-{month}.json",
    "/field/plots/{key}",
    "/field/plots/{key}/state",
    "/field/plots/{key}/visits",
    "/field/plots/{key}/photos",
    "/field/plots/{key}/template.xlsx",
    "/field/plots/{key}/table",
    "/field/plots/{key}/conflicts",
    "/technologies/{code}",
    "/desk/technologies/{key}",
    # no project is being developed there
    "/developments/{number}",
    "/developments/periods/{number}",
    "/developments/{number}/boundary",
    "/cases/{code}",
    "/cases/{code}/steps",
    "/cases/{code}/confirm",
    "/cases/{code}/drop",
    "/cases/{code}/papers",
    "/desk/developments/{number}",
    "/desk/developments/{number}/check",
    "/desk/developments/{number}/periods/new",
    "/desk/developments/{number}/draft/{part}",
    "/desk/developments/periods/{number}",
    # nothing is pooled, agreed, sold or shared out there
    "/pool/{key}",
    "/agreements/{key}",
    "/agreements/asked/{key}",
    "/sharing-out/{number}",
    "/sharing-out/mine/{key}",
    "/sharing-out/asked/{key}",
    "/sharing-out/proposals/{key}",
    "/sharing-out/sales/{key}",
    "/sharing-out/payouts/{key}/bank.xlsx",
    "/sharing-out/holders/{key}/account",
    # nothing is reviewed or judged by experts there
    "/desk/verification/{key}",
    "/desk/verification/{key}/checklist",
    "/desk/verification/{key}/bundle.json",
    "/desk/uniqueness/asked/{key}",
    "/desk/uniqueness/lists/{key}",
    "/developments/{key}/findings",
    "/developments/{key}/samples/{number}.json",
    "/desk/panels/about/{key}",
    "/desk/panels/{key}",
    "/panels/seats/{key}",
    "/panels/{key}/minutes",
    "/panels/{key}/minutes.pdf",
}

# Where others' and nobody's are passed over alike, without a word.
ALIKE = {"/security/sessions/{number}/end"}

# What only those can use who set something up, were given something, may decide this very case or say what to do;
# others are told, or get nothing.
DEVICES = {"/api/v1/field/readings"}  # for devices, by a token or a signature of their own; a person has neither
UNSET = {
    "/identity/o/authorize",
    "/merchant",
    "/merchant/check",
    "/api/v1/inclusion/account",
    "/api/v1/inclusion/account/days",
    "/login/again/passkey",
    "/duty",
    "/webhooks/{key}/do",
    "/changes",
    "/changes/{key}",
    "/openings/{key}/papers",
    "/desk/methodologies/asked/{key}",
    "/api/v1/openings/{key}/confirm",
}

# What a GET must also say, so that it is understood.
QUERIES: dict[str, Callable[[Here], Values]] = {
    "/accounts/{code}/statement": lambda here: {"from": "2026-01-01", "to": "2026-12-31"},
    "/accounts/{code}/statement.pdf": lambda here: {"from": "2026-01-01", "to": "2026-12-31"},
    "/accounts/{code}/issuance.pdf": lambda here: {"batch": here.world.batch.asset.code},
    "/search": lambda here: {"q": "造林"},
    "/inclusion/account/days": lambda here: {"since": "2026-01-01"},
    "/documents": lambda here: {"subject": f"registry.application:{here.case.application.pk}"},
}


def example(address: str) -> Example | None:
    """The example for an address with parameters; ``None`` when nobody gave one."""
    plain = address.removeprefix("/api/v1")
    found = [start for start in EXAMPLES if plain.startswith(start)]
    return EXAMPLES[max(found, key=len)] if found else None


# -- bodies ------------------------------------------------------------------------------------------------------------


def transfer(here: Here, owner: str) -> Values:
    target = here.parties["PART" if owner == "OWN" else "OWN"]
    assert target.account is not None
    return requests.transfer(here.world, 1) | {
        "account": account(here, owner)["code"], "sub_account": "ISSUED" if owner == "OWN" else "HOLDING",
        "target": target.account.code,
    }  # fmt: skip


def retirement(here: Here, owner: str) -> Values:
    kept = transfer(here, owner)
    return requests.retirement(here.world, 1) | {name: kept[name] for name in ("account", "sub_account")}


def said(**body: Any) -> Callable[[Here, str], Values]:
    return lambda here, owner: body


# Requests that are understood, by name: the owner's, or the buyer's. With them a stranger shows that they are one.
BODIES: dict[str, Callable[[Here, str], Values]] = {
    "initiateTransfer": transfer,
    "initiateRetirement": retirement,
    "confirmInstruction": said(),
    "rejectInstruction": said(reason="不对"),
    "withdrawInstruction": said(reason="不要了"),
}
