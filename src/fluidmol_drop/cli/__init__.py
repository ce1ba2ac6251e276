"""The commands that this package brings to ``fluid``: ``drop``, ``serve`` and ``enrol``."""
