"""Who may read the papers of this room, told to the room of files."""
