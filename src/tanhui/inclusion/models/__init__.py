"""Scenarios and providers, personal carbon accounts and points, merchants and rewards, pooling. One noun a file."""
