"""What the inventory tells whom, and what of it waits for whom."""

from tanhui.inventory import reminding, telling_use, telling_years

__all__ = ["reminding", "telling_use", "telling_years"]
