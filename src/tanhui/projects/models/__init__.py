"""Land and what grows on it, the projects made of it, and who has a share in them. One noun a file."""

__all__: list[str] = []
