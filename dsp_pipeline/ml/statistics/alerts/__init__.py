"""Facts about data quality, each with the threshold that made it one; one module for each family."""
