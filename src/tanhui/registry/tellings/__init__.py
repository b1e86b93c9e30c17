"""What the register tells people, by noun; the notices room finds it here."""

from tanhui.registry.tellings import moves, opening

__all__ = ["moves", "opening"]
