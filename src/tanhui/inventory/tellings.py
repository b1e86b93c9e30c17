"""What the inventory tells whom, and what of it waits for whom."""

from tanhui.inventory import reminding, telling_years

__all__ = ["reminding", "telling_years"]
