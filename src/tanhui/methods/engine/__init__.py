"""The measurement engine: ``engine.run`` computes, ``engine.rerun`` computes again, ``Run.bundle`` is published."""

from tanhui.methods.engine.execution import Difference, rerun, run
from tanhui.methods.engine.record import Run

__all__ = ["Difference", "Run", "rerun", "run"]
