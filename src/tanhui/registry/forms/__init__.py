"""The forms of the register, by noun."""

from tanhui.registry.forms.moves import KINDS, Move, Reject, Retire, Span, Transfer, chosen

__all__ = ["KINDS", "Move", "Reject", "Retire", "Span", "Transfer", "chosen"]
