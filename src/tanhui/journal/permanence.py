"""What is written stays written: one trigger refuses UPDATE, DELETE and TRUNCATE, whoever asks."""

import pgtrigger


def permanent(plural: str) -> pgtrigger.Trigger:
    """The trigger that keeps a table append-only, named as a sentence: ``retirements_are_permanent``."""
    return pgtrigger.Trigger(
        name=f"{plural}_are_permanent",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
        func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
    )
