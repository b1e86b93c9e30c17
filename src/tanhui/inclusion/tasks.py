"""What the worker does for personal carbon accounts."""

from collections.abc import Callable

JOBS: dict[str, Callable[..., None]] = {}
PERIODIC: list[tuple[int, Callable[[], None]]] = []
