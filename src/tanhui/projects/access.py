"""The doors of projects: how what a person sends becomes a thing of this room they may see or touch.

A stranger learns nothing (404); what is public by its nature is behind doors without a person.
"""
