"""Drop a CSV into a bucket, get a dashboard back.

Importing this package loads nothing heavy; each part is imported where it is used.
"""

__version__ = "0.1.0"
