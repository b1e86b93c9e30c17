"""Loops compiled to machine code by numba, and where that code is kept.

Only workers import what is compiled: the compiler takes 60 MB. Machine code is kept under ``TANHUI_VAR``, else in the
user's cache; where nothing can be written, each process compiles anew, which takes some seconds.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

JIT: Any = partial(numba.njit, nogil=True, error_model="numpy")
HOMES = {"TANHUI_VAR": "compiled", "XDG_CACHE_HOME": "tanhui", "HOME": ".cache/tanhui"}
MADE, MAKING = "made", "TANHUI_COMPILES"


def kept(module: str, sources: Sequence[str | None], said: str = "") -> Path | None:
    """Where the machine code of a module lies, compiled by now, for each state of the ``sources`` that decide it and of
    what they stand on; None where nothing can be written."""
    where = folder(sources, said)
    if where is not None and MAKING not in os.environ:
        if not (where / MADE).exists():
            keep(where, module)
        if not (where / MADE).exists():  # then each compiles for itself
            where = None
    return where


def folder(sources: Sequence[str | None], said: str) -> Path | None:
    name = next((name for name in HOMES if os.environ.get(name)), None)
    if name is None:
        return None
    source = b"".join(Path(str(one)).read_bytes() for one in sources)
    digest = hashlib.sha256(source + f"{said} {numba.__version__} {np.__version__}".encode()).hexdigest()
    return Path(os.environ[name]) / HOMES[name] / digest[:16]


def keep(where: Path, module: str) -> None:
    """Have all of a module compiled, in a process of its own, whose memory (another 60 MB) goes with it.

    One at a time: of two that write into it at once, numba hands one the code of the other's signature. The others wait
    here and find it made.
    """
    try:
        where.mkdir(parents=True, exist_ok=True)
        lock = (where / "lock").open("w")
    except OSError:  # nowhere to write
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (where / MADE).exists():
            said = [sys.executable, "-c", f"import {module} as made; (made.KEPT / {MADE!r}).touch()"]
            given = os.environ | {MAKING: "1"}
            subprocess.run(said, env=given, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def compiled(where: Path | None, *signatures: str) -> Callable[[F], F]:
    """Compile a function for these signatures now, or take it from the disk."""

    def made(function: F) -> F:
        if where is not None:
            with numba_config(CACHE_DIR=str(where), CACHE_LOCATOR_CLASSES="UserProvidedCacheLocator"):
                try:
                    return cast(F, JIT(list(signatures), cache=True)(function))
                except (RuntimeError, OSError):  # nowhere to write
                    pass
        return cast(F, JIT(list(signatures))(function))

    return made


@contextmanager
def numba_config(**values: str) -> Iterator[None]:
    before = {name: getattr(numba.config, name) for name in values}
    try:
        for name, value in values.items():
            setattr(numba.config, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(numba.config, name, value)


def inlined(function: F) -> F:
    """A formula of the science, to be compiled into the loops that use it."""
    return cast(F, JIT()(function))
