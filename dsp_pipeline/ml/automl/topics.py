"""What texts say, as a few numbers: their words and pairs of words along the directions in which texts differ.

Latent semantic analysis (Deerwester et al. 1990) of TF-IDF weights (Salton and Buckley 1988). A text's vector
holds, for each known term, (1 + ln of its occurrences) times its inverse document frequency, and has length 1.
What is kept is data: a vocabulary and a table of weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pydantic

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Floats

TOPICS = 12
_MOST_TERMS = 1_000
_LEAST_TERMS = 20
_LEAST_TEXTS = 3
_MOST_TEXTS = 5_000
_MOST_READ = 20_000_000
_MOST_AT_ONCE = 4_000_000
"""Bytes; words and pairs take some fifteen times the memory of the texts that they are of."""
_WORD = r"\p{L}[\p{L}\p{N}]*"
"""Numbers are no words: topics made of dates and codes were learnt by heart."""


class WordTopics(pydantic.BaseModel):
    """What turns a text into a few numbers.

    Attributes:
        vocabulary: Words, and pairs of words with a space between them.
        rarity: Each one's inverse document frequency.
        weights: For each of them its weight in each topic.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    vocabulary: tuple[str, ...]
    rarity: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]


def topics_of(column: pl.Series) -> WordTopics | None:
    """The main directions of training rows' texts; None where too few terms occur in three of them.

    At most 5,000 texts are read, and about 20 MB of them, evenly spread, and the 1,000 commonest terms kept.
    """
    texts = column.drop_nulls()
    limit = _within(texts, _MOST_READ)
    if texts.len() > limit:
        texts = texts.gather(np.linspace(0, texts.len() - 1, limit).astype(np.int64))
    terms = _terms(texts)
    common = (
        terms.group_by("term")
        .agg(pl.col("row").n_unique().alias("texts"))
        .filter(pl.col("texts") >= _LEAST_TEXTS)
        .sort(["texts", "term"], descending=[True, False])
        .head(_MOST_TERMS)
    )
    if common.height < _LEAST_TERMS:
        return None
    rarity = np.log((1 + texts.len()) / (1 + common["texts"].to_numpy())) + 1
    vocabulary = common["term"].to_list()
    vectors = _vectors(terms, vocabulary, rarity, texts.len())
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    chosen = directions[:, ::-1][:, : min(TOPICS, common.height)]
    # An eigenvector's sign is arbitrary: its largest entry is made positive, so that results repeat.
    chosen = chosen * np.sign(chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])])
    return WordTopics(
        vocabulary=tuple(vocabulary),
        rarity=tuple(float(f"{each:.6g}") for each in rarity),
        weights=tuple(tuple(float(f"{each:.5g}") for each in row) for row in chosen),
    )


def topic_values(column: pl.Series, topics: WordTopics) -> Floats:
    """Each text's place along the directions, shape (rows, topics); NaN where the text is missing.

    They are taken apart a few thousand at a time, since words and pairs need much memory.
    """
    step = _within(column, _MOST_AT_ONCE)
    parts = [_values(column.slice(start, step), topics) for start in range(0, max(1, column.len()), step)]
    return np.concatenate(parts)


def _within(texts: pl.Series, most: int) -> int:
    """How many of the texts to take apart at once: 5,000, fewer where these would have more bytes than that."""
    mean = int(texts.str.len_bytes().sum()) / max(1, texts.len())
    return max(1, min(_MOST_TEXTS, int(most / max(1.0, mean))))


def _values(column: pl.Series, topics: WordTopics) -> Floats:
    rarity, weights = np.array(topics.rarity), np.array(topics.weights)
    result = np.zeros((column.len(), weights.shape[1]))
    known = _known(_terms(column), topics.vocabulary)
    if known.height:
        rows, terms = known["row"].to_numpy(), known["place"].to_numpy()
        strength = (1 + np.log(known["n"].to_numpy())) * rarity[terms]
        length = np.sqrt(np.bincount(rows, strength**2, minlength=column.len()))
        for topic in range(weights.shape[1]):
            result[:, topic] = np.bincount(rows, strength * weights[terms, topic], minlength=column.len())
        result /= np.where(length > 0, length, 1.0)[:, None]
    result[column.is_null().to_numpy()] = np.nan
    return result


def _terms(texts: pl.Series) -> pl.DataFrame:
    """The words of each text in lower case, and each pair of neighbours."""
    words = (
        pl.DataFrame({"word": texts.str.to_lowercase().str.extract_all(_WORD)})
        .with_row_index("row")
        .explode("word")
        .drop_nulls("word")
        .with_columns(pl.col("word").shift(-1).alias("next"), pl.col("row").shift(-1).alias("next_row"))
    )
    pairs = words.filter(pl.col("row") == pl.col("next_row")).select(
        "row", pl.concat_str("word", "next", separator=" ").alias("term")
    )
    return pl.concat([words.select("row", pl.col("word").alias("term")), pairs])


def _known(terms: pl.DataFrame, vocabulary: tuple[str, ...] | list[str]) -> pl.DataFrame:
    """How often each known term occurs in each text, in a fixed order so that sums repeat."""
    places = pl.DataFrame({"term": list(vocabulary), "place": np.arange(len(vocabulary))})
    found = terms.join(places, on="term").group_by("row", "place").agg(pl.len().alias("n"))
    return found.sort("row", "place")


def _vectors(terms: pl.DataFrame, vocabulary: list[str], rarity: Floats, texts: int) -> Floats:
    """Texts' vectors of length 1, shape (texts, terms)."""
    known = _known(terms, vocabulary)
    vectors = np.zeros((texts, len(vocabulary)))
    places = known["place"].to_numpy()
    vectors[known["row"].to_numpy(), places] = (1 + np.log(known["n"].to_numpy())) * rarity[places]
    length = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.where(length > 0, length, 1.0))
