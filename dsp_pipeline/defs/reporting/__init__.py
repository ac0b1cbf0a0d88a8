"""From insights to what people open: the dashboard, the catalogue, and news of failures."""
