"""What the room tells people, by noun; the notices room finds it here."""

from tanhui.projects import telling_cycle, telling_reviews, telling_shares

__all__ = ["telling_cycle", "telling_reviews", "telling_shares"]
