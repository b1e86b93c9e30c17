"""What the inventory tells whom, and what of it waits for whom."""

from tanhui.inventory import reminding

__all__ = ["reminding"]
