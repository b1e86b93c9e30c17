"""The second signature under whatever was asked about shares."""

from datetime import datetime

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.projects.acts import payout, roll, sale, shares, split
from tanhui.projects.queries import shares as known

CARRY_OUT = {
    known.AGREE: split.carry_out,
    known.SELL: sale.carry_out,
    known.TAKE_BACK: sale.carry_out_reversal,
    known.PAY: payout.carry_out,
    known.CHANGE_ACCOUNT: roll.carry_out_change,
}


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """Confirm and carry out, once. Refuses as ``identity.instruction.confirm`` and as the act itself."""
    carry_out = CARRY_OUT[asked.act]
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda one: carry_out(one, mandate, at)
    )


drop = shares.drop
