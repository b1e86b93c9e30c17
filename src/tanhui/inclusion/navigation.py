"""What the room has in the header of every page."""
