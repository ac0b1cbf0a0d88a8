"""From a validated table to a model that explains itself and predicts on new rows."""
