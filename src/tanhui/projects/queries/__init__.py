"""The questions of the room, one noun a file; none of them writes."""
