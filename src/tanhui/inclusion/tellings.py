"""What the room tells whom, and what of it waits for whom."""

from tanhui.inclusion import telling_policy, telling_scenarios

__all__ = ["telling_policy", "telling_scenarios"]
