"""Personal data: what it looks like, and what may be shown of it. Pure; nothing else decides what is hidden."""
