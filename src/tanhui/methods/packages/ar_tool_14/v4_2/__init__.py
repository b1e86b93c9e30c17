"""AR-TOOL14, version 04.2."""
