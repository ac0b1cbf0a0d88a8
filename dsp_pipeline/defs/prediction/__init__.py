"""From rows under ``predict/<dataset>/`` in the drop bucket to the same rows with predictions, in the lake."""
