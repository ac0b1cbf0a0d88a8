"""Numbers over time: the grid of points, and one module for each question about a series on it."""
