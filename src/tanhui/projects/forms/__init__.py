"""The forms of the room, one noun a file. They check shape; the acts check rules."""
