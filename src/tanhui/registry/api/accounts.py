"""Whoever asks: who they are, their accounts, what lies in them and what moved."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import AwareDatetime

from tanhui.identity import rights
from tanhui.registry import access, certificates, queries
from tanhui.registry.api import reading, shapes
from tanhui.registry.api.answers import PDF, caller, pdf

router = Router(tags=["账户"])
READ = rights.member("registry.accounts", at_door=True)
First = Annotated[date, Query(alias="from", description="The first day, Beijing time.")]
Last = Annotated[date, Query(alias="to", description="The last day, included.")]


@router.get("/me", response=shapes.Me, operation_id="getMe", summary="我是谁，能代表谁")
@rights.needs(rights.PERSON)
def me(request: HttpRequest) -> shapes.Me:
    """The person, their organisations, and what they may do for each now."""
    now, person = timezone.now(), caller(request)
    return shapes.Me(
        username=person.username, name=person.name, waiting=queries.waiting(person, at=now).count(),
        organisations=[
            shapes.Organisation(
                uscc=one.organisation.uscc, name=one.organisation.name, role=one.organisation.role,
                capacities=one.capacities, account=one.account,
            )
            for one in queries.standing_for(person, at=now)
        ],
    )  # fmt: skip


@router.get("/accounts", response=shapes.Accounts, operation_id="listAccounts", summary="我的登记账户")
@rights.needs(rights.person("registry.accounts"))
def accounts(request: HttpRequest) -> shapes.Accounts:
    """The registry accounts of your organisations; there are never many."""
    rows = access.accounts(caller(request), at=timezone.now())
    return shapes.Accounts(
        items=[
            shapes.Account(
                code=one.code, organisation=one.organisation.name, uscc=one.organisation.uscc, state=one.state,
                opened_at=one.opened_at,
            )
            for one in rows
        ]
    )  # fmt: skip


@router.get("/accounts/{code}/holdings", response=shapes.Holdings, operation_id="getHoldings", summary="持有明细")
@rights.needs(READ)
def holdings(
    request: HttpRequest,
    code: str,
    as_of: Annotated[AwareDatetime | None, Query(description="As things stood then; without it, now.")] = None,
) -> shapes.Holdings:
    """What the account holds of each batch, now or as of any moment."""
    account = access.account(caller(request), code, at=timezone.now())
    then = access.moment(as_of) if as_of else None
    return shapes.Holdings(
        account=account.code, as_of=then, items=[reading.stock(one) for one in queries.holdings(account, then)]
    )


@router.get("/accounts/{code}/statement", response=shapes.Statement, operation_id="getStatement", summary="对账单")
@rights.needs(READ)
def statement(request: HttpRequest, code: str, since: First, until: Last) -> shapes.Statement:
    """Opening, every movement and closing of an account over days, both included."""
    account = access.account(caller(request), code, at=timezone.now())
    found = queries.statement(account, *access.span(since, until))
    return shapes.Statement(
        account=account.code, first=since, last=until, lines=[reading.line(one) for one in found.lines],
        movements=[reading.movement(one) for one in found.movements],
    )  # fmt: skip


@router.get(
    "/accounts/{code}/statement.pdf", response=None, operation_id="getStatementPdf", summary="对账单（PDF）",
    openapi_extra=PDF,
)  # fmt: skip
@rights.needs(READ)
def statement_pdf(request: HttpRequest, code: str, since: First, until: Last) -> HttpResponse:
    """The same as a sealed PDF/A."""
    now = timezone.now()
    account = access.account(caller(request), code, at=now)
    access.span(since, until)
    made = certificates.statement(account=account, since=since, until=until, at=now)
    return pdf(made, f"{account.code}-{since}-{until}")


@router.get(
    "/accounts/{code}/holding.pdf", response=None, operation_id="getHoldingPdf", summary="持有证明（PDF）",
    openapi_extra=PDF,
)  # fmt: skip
@rights.needs(READ)
def holding_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """A sealed certificate of what the account holds now."""
    now = timezone.now()
    account = access.account(caller(request), code, at=now)
    return pdf(certificates.holding(account=account, at=now), f"{account.code}-{now:%Y%m%dT%H%M%SZ}")


@router.get(
    "/accounts/{code}/issuance.pdf", response=None, operation_id="getIssuanceNoticePdf", summary="签发通知（PDF）",
    openapi_extra=PDF,
)  # fmt: skip
@rights.needs(READ)
def issuance_pdf(
    request: HttpRequest, code: str, batch: Annotated[str, Query(max_length=100, description=shapes.CODE)]
) -> HttpResponse:
    """The sealed notice of a batch that was issued to you, PDF/A-3 with its proof inside."""
    found = access.issued_to(access.account(caller(request), code, at=timezone.now()), batch)
    return pdf(certificates.issuance_notice(found), found.asset.code)
