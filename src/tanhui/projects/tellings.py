"""What the room tells people, by noun; the notices room finds it here."""

from tanhui.projects import (
    telling_cycle,
    telling_field,
    telling_pool,
    telling_reviews,
    telling_shares,
    telling_signatures,
)

__all__ = [
    "telling_cycle", "telling_field", "telling_pool", "telling_reviews", "telling_shares", "telling_signatures",
]  # fmt: skip
