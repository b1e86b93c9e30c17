"""The measurement engine: ``engine.run`` computes, ``engine.rerun`` computes again, ``Run.bundle`` is published.

=============================================  ====================================================================
``shelf``, ``parameter``, ``formula``,         what a package is made of, and how it is found
``predicate``
``tables``, ``columns``, ``units``,            input as it comes, and checked against what the package says of it
``boundary``, ``projectfile``
``arranging``, ``arranged``, ``binding``       from checked input to what formulas take
``execution``, ``evidence``, ``record``,       the run: floor, chain of equations, trace, bundle; and the run again
``numbers``
``faults``, ``errorsheet``                     everything wrong with an input, at once
``cases``, ``checking``, ``changes``           worked examples; what every package is held to; two versions compared
``explanation``, ``chapters``, ``blocks``      a bundle in words
=============================================  ====================================================================

docs/tutorials/first-methodology.md writes a package from end to end.
"""

from tanhui.methods.engine.execution import Difference, rerun, run
from tanhui.methods.engine.record import Run

__all__ = ["Difference", "Run", "rerun", "run"]
