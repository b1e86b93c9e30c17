"""What the room tells people, by noun; the notices room finds it here."""

from tanhui.projects import telling_cycle

__all__ = ["telling_cycle"]
