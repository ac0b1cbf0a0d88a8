"""Encoding, delimiter, quotes, line ends and header, as an analyst would see them."""

from __future__ import annotations

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, cells, decision, lines

_NAMES = "name,city\nJosé,Málaga\nMüller,Köln\nFrançois,Besançon\n"
_RUSSIAN = "имя,город\nИван,Москва\nПётр,Казань\nОльга,Тверь\nСергей,Новгород\n"  # noqa: RUF001 - Cyrillic is meant


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        (_NAMES, "utf-8", "utf-8"),
        (_NAMES, "utf-8-sig", "utf-8-sig"),
        (_NAMES, "latin-1", "cp1252"),  # the same bytes: cp1252 is what the world means by latin-1
        (_NAMES.replace("Köln", "„Köln“ \u2013 5 €"), "cp1252", "cp1252"),
        (_NAMES, "utf-16", "utf-16"),
        (_NAMES, "utf-16-le", "utf-16-le"),
        (_NAMES, "utf-16-be", "utf-16-be"),
        (_NAMES, "utf-32", "utf-32"),
        ("name,city\nMałgorzata,Wrocław\nZażółć,Łódź\nŁucja,Poznań\n", "cp1250", "cp1250"),
        (_RUSSIAN, "cp1251", "cp1251"),
    ],
)
def test_the_encoding_is_found(drop: Dropper, text: str, codec: str, found: str) -> None:
    raw = drop.read(text.encode(codec))
    assert raw.reading.encoding == found
    assert cells(raw) == [tuple(line.split(",")) for line in text.splitlines()[1:]]
    assert decision(raw, "encoding").why


def test_a_character_beyond_ascii_far_from_the_head_still_counts(drop: Dropper) -> None:
    data = b"a,b\n" + b"1,plain\n" * 60_000 + "2,Köln\n".encode("cp1252")
    raw = drop.read(data)
    assert raw.reading.encoding == "cp1252"
    assert cells(raw)[-1] == ("2", "Köln")


def test_a_few_invalid_bytes_in_utf8_cost_their_lines_only(drop: Dropper) -> None:
    data = b"a,b\n" + "1,Zürich Genève\n".encode() * 30 + b"2,\xff\xfe\n" + "3,Köln\n".encode()
    raw = drop.read(data)
    assert raw.reading.encoding == "utf-8"
    assert raw.reading.rows_read == 31
    assert raw.rejected["line"].to_list() == [32]
    assert raw.rejected["raw"].to_list() == [r"2,\xff\xfe"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "\x1f", ":", " "])
def test_the_delimiter_is_found(drop: Dropper, delimiter: str) -> None:
    rows = [["id", "name", "weight"], ["1", "ann", "2.5"], ["2", "bob", "3.25"], ["3", "eve", "4.75"]]
    raw = drop.read("\n".join(delimiter.join(row) for row in rows))
    assert raw.reading.delimiter == delimiter
    assert cells(raw) == [tuple(row) for row in rows[1:]]


def test_a_decimal_comma_does_not_separate(drop: Dropper) -> None:
    raw = drop.read("a;b;c\n1,5;2,5;3,5\n2,5;3,5;4,5\n")
    assert raw.reading.delimiter == ";"


def test_a_file_named_tsv_has_tabs_where_both_fit(drop: Dropper) -> None:
    data = "a,x\tb,y\n1,2\t3,4\n5,6\t7,8\n"
    assert drop.read(data, name="t.tsv").reading.delimiter == "\t"


@pytest.mark.parametrize(
    "data",
    [
        "n\n1\n2\n3\n",
        "note\nhello, world\nfoo bar, baz, qux\nlast one\n",
        "when\n2024-01-01 10:00:00\n2024-01-02 11:00:00\n",
        "price\n1,5\n2,75\n12,25\n",
        "time\n10:30\n11:45\n12:15\n",
    ],
)
def test_one_column_stays_one_column(drop: Dropper, data: str) -> None:
    raw = drop.read(data)
    assert [row[0] for row in cells(raw)] == data.splitlines()[1:]
    assert decision(raw, "delimiter").choice == "none"


def test_the_rivals_of_the_delimiter_are_told(drop: Dropper) -> None:
    raw = drop.read("a;b\n1,5;2,5\n3,5;4,5\n")
    told = decision(raw, "delimiter")
    assert told.choice == "semicolon"
    assert [other.choice for other in told.alternatives] == ["comma"]


def test_a_delimiter_in_every_line_separates_even_if_no_two_lines_are_as_wide(drop: Dropper) -> None:
    raw = drop.read("id,name,age\n1101,John\n1102,Julie,26,Potatoes\n")
    assert (raw.reading.delimiter, [one.name for one in raw.reading.columns]) == (",", ["id", "name", "age"])
    assert raw.rejected["raw"].to_list() == ["1101,John", "1102,Julie,26,Potatoes"]


def test_a_sep_line_names_the_delimiter_and_is_no_row(drop: Dropper) -> None:
    raw = drop.read("sep=;\na;b\n1;2\n")
    assert (raw.reading.delimiter, raw.reading.header_row) == (";", 2)
    assert (cells(raw), lines(raw)) == ([("1", "2")], [3])


def test_the_sidecar_has_the_last_word(drop: Dropper) -> None:
    data = "a|b,c\n1|2,3\n4|5,6\n"
    raw = drop.read(data, sidecar="reading: {delimiter: '|', header: false, quote: ''}")
    assert cells(raw) == [("a", "b,c"), ("1", "2,3"), ("4", "5,6")]
    assert raw.reading.quote is None
    assert drop.read(data.replace("|", "\t"), sidecar="reading: {delimiter: tab}").reading.delimiter == "\t"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a,b\n1,'x, y'\n2,'z'\n3,'w, v'\n", [("1", "x, y"), ("2", "z"), ("3", "w, v")]),
        ('a, b\n1, "x, y"\n2, "z"\n', [("1", "x, y"), ("2", "z")]),
        ('a,b\n1,"say \\"hi\\" now, ok"\n2,"b"\n', [("1", 'say "hi" now, ok'), ("2", "b")]),
        ('a,b\n5" pipe,1\n6" pipe,2\n', [('5" pipe', "1"), ('6" pipe', "2")]),
        ('a,b\n"A" grade,1\n"B" grade,2\n', [('"A" grade', "1"), ('"B" grade', "2")]),
        ('a,b\n"x ""y""",1\n"p,q",2\n', [('x "y"', "1"), ("p,q", "2")]),
    ],
    ids=["single quotes", "space before quote", "backslash", "inches", "quoted words", "doubled"],
)
def test_quotes_are_read_as_they_were_meant(drop: Dropper, data: str, expected: list[tuple[str, str]]) -> None:
    raw = drop.read(data)
    assert raw.rejected.is_empty()
    assert cells(raw) == expected


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        ("a,b\n1,2\n3,4\n", "LF"),
        ("a,b\r\n1,2\r\n3,4\r\n", "CRLF"),
        ("a,b\r1,2\r3,4\r", "CR"),
        ("a,b\n1,2\n3,4", "LF"),
        ("a,b\r\n1,2\n3,4\r", "CRLF"),
    ],
)
def test_every_line_end_ends_a_line(drop: Dropper, data: str, ending: str) -> None:
    raw = drop.read(data)
    assert (cells(raw), lines(raw)) == ([("1", "2"), ("3", "4")], [2, 3])
    assert raw.reading.line_ending == ending


def test_mixed_line_ends_are_a_decision_and_line_breaks_in_cells_are_not(drop: Dropper) -> None:
    assert decision(drop.read("a,b\r\n1,2\n3,4\n"), "line ends").choice == "mixed"
    raw = drop.read('a,b\r\n1,"x\ny"\r\n2,z\r\n')
    assert "line ends" not in {one.what for one in raw.reading.decisions}


@pytest.mark.parametrize(
    ("data", "has_header"),
    [
        ("id,name\n1,ann\n2,bob\n", True),
        ("1,ann\n2,bob\n3,eve\n", False),
        ("name,city\nAnn,Rome\nBob,Paris\n", True),
        ("red,small\nred,large\nblue,small\nred,large\n", False),
        ("country,2019,2020\nDE,1.5,2.5\nFR,2.5,3.5\n", True),
        ("2024-01-01,5\n2024-01-02,6\n", False),
    ],
)
def test_a_header_is_told_from_values(drop: Dropper, data: str, *, has_header: bool) -> None:
    raw = drop.read(data)
    assert raw.reading.has_header is has_header
    assert raw.reading.rows_in == data.count("\n") - has_header


def test_names_are_made_unique_and_safe_and_the_originals_kept(drop: Dropper) -> None:
    raw = drop.read('a,a,,a_2," spaced  out\n",a\n1,2,3,4,5,6\n')
    assert [one.name for one in raw.reading.columns] == ["a", "a_3", "column_3", "a_2", "spaced out", "a_4"]
    assert [one.original_name for one in raw.reading.columns] == ["a", "a", "", "a_2", " spaced  out\n", "a"]


def test_titles_above_the_header_are_told_and_are_no_rows(drop: Dropper) -> None:
    raw = drop.read("Sales report\nMade in May\n\nregion,units,price\nN,1,2.5\nS,3,4.5\nW,5,6.5\n")
    assert (raw.reading.header_row, raw.reading.rows_in, lines(raw)) == (4, 3, [5, 6, 7])
    assert "Sales report" in decision(raw, "preamble").why


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ("x,y\nr1,1,2\nr2,3,4\n", ["row_name", "x", "y"]),
        ("x,y\n1,2,\n3,4,\n", ["x", "y", "column_3"]),
        ("x,y,\n1,2\n3,4\n", ["x", "y"]),
    ],
    ids=["row names without heading", "delimiter at the rows' ends", "delimiter at the header's end"],
)
def test_well_known_disagreements_of_header_and_rows_are_settled(
    drop: Dropper, data: str, names: list[str]
) -> None:
    raw = drop.read(data)
    assert [one.name for one in raw.reading.columns] == names
    assert raw.reading.rows_rejected == 0
    assert decision(raw, "header width").why


def test_a_german_file_reads_as_in_germany(drop: Dropper) -> None:
    text = "Datum;Betrag;Menge;Kunde\n01.02.2024;1.234,50;3;Müller\n15.02.2024;12,00;1.200;Meier; \n"
    text = text.replace("Meier; ", '"Meier; Söhne"') + "28.02.2024;-3,5;2;Groß\n"
    table = drop.validate(text.encode("cp1252")).table
    assert table["Betrag"].to_list() == [1234.5, 12.0, -3.5]
    assert table["Menge"].to_list() == [3, 1200, 2]
    assert [day.isoformat() for day in table["Datum"]] == ["2024-02-01", "2024-02-15", "2024-02-28"]
    assert table["Kunde"].to_list() == ["Müller", "Meier; Söhne", "Groß"]


@pytest.mark.parametrize("delimiter", ["||", "::", "~|~"])
def test_a_delimiter_of_several_characters_is_found(drop: Dropper, delimiter: str) -> None:
    rows = [["id", "name", "weight"], ["1", "ann", "2.5"], ["2", "", "3.25"], ["3", "eve", "4.75"]]
    raw = drop.read("\n".join(delimiter.join(row) for row in rows))
    assert raw.reading.delimiter == delimiter
    assert cells(raw) == [("1", "ann", "2.5"), ("2", None, "3.25"), ("3", "eve", "4.75")]


@pytest.mark.parametrize("mark", ["#", "%", "//"])
def test_comments_at_the_top_and_among_the_rows_are_no_rows(drop: Dropper, mark: str) -> None:
    raw = drop.read(f"{mark} logger 7\n{mark} site, north\na,b\n1,x\n{mark} restart\n2,y\n3,z\n4,w\n5,v\n6,u\n")
    assert (raw.reading.header_row, raw.reading.rows_in, lines(raw)[:2]) == (3, 6, [4, 6])
    assert decision(raw, "comments").choice == f"lines that begin with {mark}"


@pytest.mark.parametrize("above", ["", "# made by hand\n"])
def test_names_behind_a_comment_mark_are_the_header(drop: Dropper, above: str) -> None:
    raw = drop.read(f"{above}#chrom\tstart\tend\nchr1\t1\t5\nchr2\t2\t6\n")
    assert [one.name for one in raw.reading.columns] == ["#chrom", "start", "end"]
    assert raw.reading.rows_read == 2


def test_cells_that_begin_with_a_comment_mark_are_cells(drop: Dropper) -> None:
    assert cells(drop.read("tag,n\n#sun,1\n#sea,2\n")) == [("#sun", "1"), ("#sea", "2")]


def test_columns_aligned_with_spaces_are_columns(drop: Dropper) -> None:
    raw = drop.read("  day  temp  rain \n    1  12.5   0.0\n   10   9.5  11.2\n")
    assert cells(raw) == [("1", "12.5", "0.0"), ("10", "9.5", "11.2")]
    assert decision(raw, "spaces behind delimiters").choice == "a run of them is one delimiter"


def test_an_escape_before_anything_but_a_quote_is_a_backslash(drop: Dropper) -> None:
    raw = drop.read('a,b\n"C:\\new","say \\"hi\\" now, ok"\n"x","y"\n')
    assert cells(raw) == [("C:\\new", 'say "hi" now, ok'), ("x", "y")]


def test_the_sidecar_says_what_is_passed_over(drop: Dropper) -> None:
    raw = drop.read("u,v\n;;\na;b\n!x;y\n1;2\n", sidecar="reading: {skip_rows: 2, comment: '!'}")
    assert (cells(raw), raw.reading.header_row) == ([("1", "2")], 3)


@pytest.mark.parametrize("rows", [2, 60])
@pytest.mark.parametrize("names", ["n, word, v\n", ""], ids=["names", "no names"])
def test_a_space_in_front_of_quotes_belongs_to_no_cell(drop: Dropper, names: str, rows: int) -> None:
    raw = drop.read(names + "".join(f'{n}, "word, {n}", {n}.5\n' for n in range(rows)))
    assert cells(raw) == [(str(n), f"word, {n}", f"{n}.5") for n in range(rows)]
    assert decision(raw, "spaces behind delimiters").choice == "left out"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            "10.5 280.25 1.5 \n20.5 19.25 1.25 \n30.5 5.25 2.5 \n",
            [("10.5", "280.25", "1.5"), ("20.5", "19.25", "1.25")],
        ),
        ("   64.25   0.5\n   64.75   0.25\n   65.25   0.75\n", [("64.25", "0.5"), ("64.75", "0.25")]),
        (
            "      \tSIZE  SUBS\nRules  \t13   2\nBudget \t\t42 \t 3\nWays_and_Means 39\t5\nHouse\t8  1\n",
            [("Rules", "13", "2"), ("Budget", "42", "3")],
        ),
        ('"a b"   "n"\n"x\ty"\t 1.5\n"z  z"   2.5\n"w"     3.5\n', [("x\ty", "1.5"), ("z  z", "2.5")]),
    ],
    ids=["at the ends of lines", "in front", "tabs among them", "within quotes"],
)
def test_spaces_that_align_make_no_columns(drop: Dropper, data: str, expected: list[tuple[str, ...]]) -> None:
    assert cells(drop.read(data))[:2] == expected


@pytest.mark.parametrize(
    ("data", "expected", "escape"),
    [
        ('a,b\n1,"x \\"y\\" z"\n', ("1", 'x "y" z'), "\\"),
        ('a,b\n"say \\"hi\\"",1\n', ('say "hi"', "1"), "\\"),
        ('a,b,c\n1,"a \\"q\\", b",2\n', ("1", 'a "q", b', "2"), "\\"),
        ('path,n\n"C:\\temp\\",1\n', ("C:\\temp\\", "1"), None),
        ('n,path\n1,"C:\\"\n', ("1", "C:\\"), None),
    ],
)
def test_one_row_tells_whether_a_backslash_escapes(
    drop: Dropper, data: str, expected: tuple[str, ...], escape: str | None
) -> None:
    raw = drop.read(data)
    assert (cells(raw), raw.reading.escape) == ([expected], escape)


def test_names_behind_a_comment_mark_are_the_header_of_rows_that_leave_off_cells(drop: Dropper) -> None:
    rows = "AD\t+4230\tAndorra\nAQ\t-7750\tMcMurdo\tSouth Pole\nAS\t-1416\tSamoa\nAU\t-3133\tLord Howe\tIsland\n"
    raw = drop.read("# Time zones of the world\n#\n#code\tplace\tzone\tcomments\n" + rows * 3)
    assert [one.original_name for one in raw.reading.columns] == ["#code", "place", "zone", "comments"]
    assert (raw.reading.rows_read, cells(raw)[0]) == (12, ("AD", "+4230", "Andorra", None))


def test_two_names_behind_a_comment_mark_are_the_header_of_words(drop: Dropper) -> None:
    raw = drop.read("# Countries\n#\n#code\tname of the country\nAD\tAndorra\nAE\tEmirates\nAF\tKabul\n")
    assert [one.original_name for one in raw.reading.columns] == ["#code", "name of the country"]


def test_spaces_in_front_of_a_list_make_no_column(drop: Dropper) -> None:
    raw = drop.read(" citibank.png\n commonwealth.png\n ing_direct.png\n hsbc.png\n")
    assert cells(raw) == [(" citibank.png",), (" commonwealth.png",), (" ing_direct.png",), (" hsbc.png",)]


def test_quotes_quote_even_where_rows_would_be_more_regular_without(drop: Dropper) -> None:
    raw = drop.read('"part","text","kind"\n"Bus","a, b"\n"Load","c","one"\n"Line","d, e"\n"Shape","f","two"\n')
    assert raw.reading.quote == '"'
    assert cells(raw) == [("Load", "c", "one"), ("Shape", "f", "two")]
