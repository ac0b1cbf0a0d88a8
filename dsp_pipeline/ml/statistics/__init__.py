"""From a validated table to its profile. One module per idea; pure functions over Polars frames."""
