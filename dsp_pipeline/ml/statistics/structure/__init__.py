"""How a table is built: one module for each question."""
