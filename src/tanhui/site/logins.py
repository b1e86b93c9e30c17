"""Who can sign in to the demonstration. Shown on its log-in page and in the terminal; no other server knows them."""

DEMONSTRATION: list[dict[str, str]] = []
