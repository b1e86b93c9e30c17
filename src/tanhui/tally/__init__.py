"""Everyday behaviour counted: rows of providers, the lake of events, and the settlement of a day into whole grams.

A folder is its whole world: no Django, no database, no clock. See docs/algorithms/settlement.md.
"""
