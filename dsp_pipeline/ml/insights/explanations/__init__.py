"""What explains a model: contributions, effects, rows, segments, and the model in a form that a page scores.

`dsp_pipeline.ml.insights.explainer` puts the parts together.
"""
