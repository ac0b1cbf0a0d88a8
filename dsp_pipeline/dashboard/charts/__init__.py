"""Charts as values: what is drawn, its title and its summary in words."""
