"""Texts become numbers as latent semantic analysis says, equal to scikit-learn's, and carry what they say."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import polars as pl
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.automl.artifact import unpack
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.topics import TOPICS, topic_values, topics_of
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline_tests.ml.automl.tables import profile, sampler, validated

_GOOD = ["works great", "love it", "very happy", "excellent quality", "would buy again"]
_BAD = ["broke after", "a waste", "very poor", "sent it back", "stopped working"]
_FILLER = [
    "the",
    "box",
    "came",
    "on",
    "a",
    "monday",
    "and",
    "my",
    "neighbour",
    "took",
    "it",
    "in",
    "while",
    "we",
    "were",
    "away",
    "for",
    "the",
    "week",
]


def _reviews(rows: int = 600) -> pl.DataFrame:
    """Texts of some ten words, no two alike; whether they praise is the target, a tenth of it by mistake."""
    rng = sampler(2)
    praises = rng.random(rows) < 0.5
    texts = [
        " ".join([*rng.choice(_FILLER, 4), *rng.choice(_GOOD if good else _BAD, 2), *rng.choice(_FILLER, 4)])
        for good in praises
    ]
    target = np.where(praises ^ (rng.random(rows) < 0.1), "yes", "no")
    return pl.DataFrame({"review": texts, "x": rng.normal(size=rows), "recommended": target})


_MEASURED = """
import resource
import polars as pl
from dsp_pipeline.ml.automl.topics import topic_values, topics_of

words = [f"word{letter}{other}" for letter in "abcdefghij" for other in "klmnopqrst"]
texts = pl.Series([" ".join(words[place:] + words[:place]) for place in range(100)])
many = pl.concat([texts] * 200, rechunk=True)
topics = topics_of(texts)
topic_values(many[:5_000], topics)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
topic_values(many, topics)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_twenty_thousand_texts_take_little_more_memory_than_five_thousand() -> None:
    # In a process of its own: the greatest memory that one ever had is never forgotten.
    run = subprocess.run([sys.executable, "-c", _MEASURED], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 200 * 1_024  # kibibytes


def test_topics_span_what_scikit_learns_do() -> None:
    texts = _reviews()["review"]
    topics = topics_of(texts)
    assert topics is not None
    ours = topic_values(texts, topics)
    assert ours.shape == (600, TOPICS)
    vectoriser = TfidfVectorizer(
        token_pattern=r"[^\W_]+", ngram_range=(1, 2), sublinear_tf=True, vocabulary=list(topics.vocabulary)
    )
    theirs = TruncatedSVD(TOPICS, algorithm="arpack").fit_transform(vectoriser.fit_transform(texts.to_list()))
    # Directions have no sign, and those of equal strength no order: the distances of texts are what counts.
    assert np.allclose(ours @ ours.T, theirs @ theirs.T, atol=1e-3)


def test_what_texts_say_is_learnt_explained_as_one_column_and_kept_as_data() -> None:
    table = _reviews()
    source = validated(table, kinds={"review": ColumnKind.TEXT})
    model = train(source, profile(source), options=ModelOptions(target="recommended"))
    evaluation = model.report.evaluation
    assert evaluation is not None
    assert evaluation.metrics["accuracy"] > 0.8
    features = json.loads(model.files["features.json"])["encodings"]
    assert len(features[0]["topics"]["vocabulary"]) == len(features[0]["topics"]["weights"])
    artifact = unpack(model.files, threads=1)
    matrix = encode(table, artifact.encodings)
    assert matrix.columns.count("review") == 3 + TOPICS
    found = artifact.scorer.contributions(matrix).sum(axis=2)
    assert np.allclose(found, artifact.scorer.margin(matrix), atol=1e-4)


def test_unknown_words_say_nothing_and_missing_texts_are_missing() -> None:
    topics = topics_of(_reviews()["review"])
    assert topics is not None
    found = topic_values(pl.Series(["zzz", "", None, "GREAT works great!"]), topics)
    assert np.all(found[:2] == 0)
    assert np.isnan(found[2]).all()
    assert np.abs(found[3]).max() > 0
    assert topics_of(pl.Series(["one", "two words", "three more words"] * 2)) is None
