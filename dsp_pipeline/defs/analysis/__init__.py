"""From a validated table to insights: profile, model, explanations, insights."""
