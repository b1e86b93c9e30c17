"""The joint opening of an account (联合开户, rules §3.5): drafting, seats, review, and the two signatures that open it.

The exchange reviews first, the registry last; either may send an application back, which stops the clock. ``steps``
walks the table of ``models.TRANSITIONS``, ``content`` says what an application must contain.
"""
