"""Rows to predict: they come back in the same order, with predictions and reasons behind them."""
