"""Setting up transfers and retirements: one person asks here, another confirms the instruction. And what was retired.

The public list stands here because one address belongs to one router.
"""

from collections.abc import Sequence
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from tanhui.identity import rights
from tanhui.identity.models import Instruction, Mandate
from tanhui.kernel import clock
from tanhui.registry import access, queries
from tanhui.registry.acts import retirement, transfer
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.api import reading, shapes
from tanhui.registry.api.answers import Key, caller, key
from tanhui.registry.api.instructions import told
from tanhui.registry.api.lists import Window, page

router = Router(tags=["转让与注销"])
INITIATE = [Mandate.Capacity.INITIATE]


@router.post(
    "/transfers", response={201: shapes.Instruction}, operation_id="initiateTransfer",
    summary="发起转让（待第二人确认）",
)  # fmt: skip
@rights.needs(rights.member("registry.transfer", capacities=INITIATE, at_door=True))
def initiate_transfer(
    request: HttpRequest, response: HttpResponse, body: shapes.Transfer, idempotency_key: Key
) -> shapes.Instruction:
    """Set units aside for a transfer; they move when a second person confirms, within seven days."""
    now, person, reference = timezone.now(), caller(request), key(idempotency_key)
    source, mandate = access.sub_account_to_spend(person, body.account, body.sub_account, at=now)
    asked = transfer.initiate(
        source=source, target=access.recipient(body.target), wanted=wanted(body.units), reference=reference,
        mandate=mandate, at=now, reason=body.reason,
    )  # fmt: skip
    return created(request, response, asked)


@router.post(
    "/retirements", response={201: shapes.Instruction}, operation_id="initiateRetirement",
    summary="发起注销（待第二人确认）",
)  # fmt: skip
@rights.needs(rights.member("registry.retire", capacities=INITIATE, at_door=True))
def initiate_retirement(
    request: HttpRequest, response: HttpResponse, body: shapes.Retire, idempotency_key: Key
) -> shapes.Instruction:
    """Set units aside for a retirement; they leave circulation when a second person confirms, within seven days."""
    now, person, reference = timezone.now(), caller(request), key(idempotency_key)
    source, mandate = access.sub_account_to_spend(person, body.account, body.sub_account, at=now)
    asked = retirement.initiate(
        source=source, wanted=wanted(body.units), purpose=body.purpose,
        beneficiary=retirement.Beneficiary.read(**body.beneficiary.dict(), on=clock.day(now)),
        reference=reference, mandate=mandate, at=now, statement=body.statement,
    )  # fmt: skip
    return created(request, response, asked)


@router.get(
    "/retirements", response=shapes.Retirements, operation_id="listRetirements", summary="注销登记簿（公开）", auth=None
)
@rights.needs(rights.PUBLIC)
def retirements(
    request: HttpRequest,
    response: HttpResponse,
    window: Annotated[Window, Query()],
    purpose: Annotated[str, Query(max_length=20, description="Only this purpose; empty means any.")] = "",
    beneficiary: Annotated[str, Query(max_length=120, description="Only names that contain this, or this code.")] = "",
) -> shapes.Retirements:
    """Every retirement as published, newest first."""
    found = queries.retirements(access.searched(purpose), access.searched(beneficiary))
    rows, following = page(request, response, found, window, ["pk"])
    return shapes.Retirements(items=[reading.retired(one) for one in rows], next=following)


def wanted(units: Sequence[shapes.Units]) -> list[Wanted]:
    """The units asked for. Refuses as ``access.batch`` and ``Wanted`` do."""
    return [
        Wanted(access.batch(one.batch), one.quantity_t, one.serials.range() if one.serials else None) for one in units
    ]


def created(request: HttpRequest, response: HttpResponse, asked: Instruction) -> shapes.Instruction:
    here = told(request, response, asked)
    response["Location"] = f"{request.path.rpartition('/')[0]}/instructions/{asked.pk}"
    return here
