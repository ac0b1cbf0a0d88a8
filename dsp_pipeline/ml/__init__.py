"""From a validated table to a profile, a model, explanations and insights. Pure: values in, values out."""
