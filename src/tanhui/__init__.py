"""Tanhui (碳汇 · 碳惠): carbon sinks and carbon inclusion, from measurement to retirement, provable offline."""

__version__ = "0.1.0"
