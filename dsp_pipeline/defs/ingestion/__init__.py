"""From a drop to a validated table: assets, their checks, and what notices drops."""
