"""A footprint applies to everyone: there is no condition to ask for."""
