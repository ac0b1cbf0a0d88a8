"""Objects in buckets: the vocabulary, S3, a local folder, and where each artifact lies.

What belongs here: all talk with object stores, key names, and how artifacts become files and back.
What does not: what the artifacts mean (that is etl, ml, dashboard) and when they are made (that is defs).
"""
