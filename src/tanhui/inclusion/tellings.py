"""What the room tells whom, and what of it waits for whom."""
