"""The second signature under whatever was asked about the use of stock sinks."""

from datetime import datetime

from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.inventory.acts import asking, compensation, incentive, pledge, product, supply

CARRY_OUT: dict[str, asking.CarryOut] = {
    product.OFFER: product.carry_out_offer,
    supply.SUPPLY: supply.carry_out_supply,
    supply.USE: supply.carry_out_use,
    pledge.PLEDGE: pledge.carry_out_pledge,
    pledge.RELEASE: pledge.carry_out_release,
    compensation.ACT: compensation.carry_out,
    incentive.ACT: incentive.carry_out,
}


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """Confirm and carry out. Refuses as ``identity.instruction.confirm`` and as the act itself."""
    return asking.confirm(asked=asked, mandate=mandate, at=at, carry_out=CARRY_OUT[asked.act])


drop = asking.drop
