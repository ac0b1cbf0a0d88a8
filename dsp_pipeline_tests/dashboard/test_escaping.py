import html
import json
import math

from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.dashboard.escaping import Json, plotly_text, rounded, script_json
from dsp_pipeline_tests.dashboard.hostile import ALL

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_json_in_a_script_says_the_same_and_cannot_end_it(value: Json) -> None:
    text = script_json(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


def test_hostile_text_cannot_end_the_script() -> None:
    for payload in ALL:
        text = script_json({"cell": payload, payload: 1})
        assert "<" not in text
        assert json.loads(text)["cell"] == payload


def test_numbers_that_json_cannot_say_are_null() -> None:
    assert script_json([math.nan, math.inf, -math.inf, 1.5]) == "[null,null,null,1.5]"


@given(st.text())
def test_plotly_gets_no_tag_template_or_tex(text: str) -> None:
    escaped = plotly_text(text, length=10_000)
    assert not set(escaped) & set("<>{$\n\t")
    assert "%{" not in escaped


def test_what_plotly_decodes_is_what_was_meant() -> None:
    # Plotly decodes numeric and the usual named entities, as html.unescape does for these.
    assert html.unescape(plotly_text("<b>100%{x} & $1$</b>")) == "<b>100%{x} & $1$</b>"


def test_rounding_keeps_six_digits() -> None:
    assert rounded([1234567.0, 0.000123456789, math.nan]) == [1234570.0, 0.000123457, None]
    assert rounded([1_700_000_000_123.0], digits=15) == [1_700_000_000_123.0]
