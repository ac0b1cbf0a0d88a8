"""The Dagster wiring: partitions, resources, the IO manager, metadata, and one folder per asset group.

What belongs here: asset bodies that take inputs, call one function of a pure package, and return the value with
metadata; sensors and schedules that call a pure decision. What does not: any decision about data.
"""
