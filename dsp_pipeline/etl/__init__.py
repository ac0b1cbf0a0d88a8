"""Bytes to a raw table of text, raw table to a validated, typed table.

What belongs here: detection, reading, typing, contracts, rules, quarantine and quality.
What does not: where the bytes come from and where the tables go.
"""
