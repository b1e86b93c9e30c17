"""AR-TOOL03 v2.1.0."""
