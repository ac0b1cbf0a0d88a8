"""Files as banks, shops, machines and offices write them: each is read as a careful person reads it.

The expectations were written by hand: the delimiter (None where there is one column), the line of the header (None
where there is none), how many rows there are, and how many lines are set aside.
"""

# ruff: noqa: E501 - each file is one line

from __future__ import annotations

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, decision

_FILES = [
    (
        "de bank",
        '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Betrag";"Waehrung"\n"DE1";"28.09.23";"28.09.23";"LASTSCHRIFT";"Strom; Abschlag";"-85,00";"EUR"\n"DE1";"27.09.23";"27.09.23";"GUTSCHR.";"Miete";"650,00";"EUR"\n"DE1";"26.09.23";"26.09.23";"KARTE";"Rewe";"-23,45";"EUR"\n',
        ";",
        1,
        3,
        0,
    ),
    ("semi decimals 2 cols", "a;b\n1,5;2,5\n3,5;4,5\n5,1;6,2\n", ";", 1, 3, 0),
    ("fr numbers", "Produit;Prix;Qté\nA;1 234,50;3\nB;12,00;4\nC;7,5;1\n", ";", 1, 3, 0),
    (
        "iso datetime space",
        "ts,v\n2024-01-01 00:00:00,1\n2024-01-01 00:01:00,2\n2024-01-01 00:02:00,3\n",
        ",",
        1,
        3,
        0,
    ),
    ("log colon times", "12:00:01 1.5 ok\n12:00:02 1.6 ok\n12:00:03 1.7 bad\n", " ", None, 3, 0),
    (
        "passwd",
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\n",
        ":",
        None,
        3,
        0,
    ),
    ("pipe md table", "| a | b |\n| 1 | 2 |\n| 3 | 4 |\n", "|", 1, 2, 0),
    ("tabs w commas", "name\tnote\nAnn\tred, green, blue\nBob\tone, two\nEve\tx\n", "\t", 1, 3, 0),
    ("text w semis", "id,text\n1,a; b; c\n2,d; e\n3,f\n", ",", 1, 3, 0),
    ("quoted newlines", 'id,text\n1,"line one\nline two, with comma"\n2,"x"\n3,"y\n\nz"\n', ",", 1, 3, 0),
    ("all quoted tab", '"a"\t"b"\n"1"\t"x, y"\n"2"\t"z"\n', "\t", 1, 2, 0),
    ("single quote sql", "id,'name','note'\n1,'Ann','it''s ok, yes'\n2,'Bob','x'\n3,'Eve','y, z'\n", ",", 1, 3, 0),
    ("apostrophes", "id,name,city\n1,O'Neil,Cork\n2,D'Arcy,Bath\n3,Ann,Rome\n", ",", 1, 3, 0),
    ("inches", 'size,price\n5" pipe,10\n6" pipe,12\n7" pipe,13\n', ",", 1, 3, 0),
    ("caret", "a^b^c\n1^x^2\n3^y^4\n", "^", 1, 2, 0),
    ("unit sep", "a\x1fb\x1fc\n1\x1fx\x1f2\n3\x1fy\x1f4\n", "\x1f", 1, 2, 0),
    ("double pipe", "a||b||c\n1||x||2\n3||||4\n", "||", 1, 2, 0),
    ("json cells", 'id,payload\n1,"{""a"":1,""b"":[1,2]}"\n2,"{""a"":2}"\n3,"{}"\n', ",", 1, 3, 0),
    ("json cells backslash", 'id,payload\n1,"{\\"a\\":1,\\"b\\":2}"\n2,"{\\"a\\":2,\\"c\\":3}"\n', ",", 1, 2, 0),
    ("unquoted json", 'id;payload\n1;{"a":1,"b":2}\n2;{"a":3,"b":4}\n3;{"a":5,"b":6}\n', ";", 1, 3, 0),
    ("urls", "url,hits\nhttp://a.b/c?d=1&e=2,5\nhttp://x.y:80/z;q,6\nhttps://k.l/m,7\n", ",", 1, 3, 0),
    ("windows paths", "file,size\nC:\\new\\a.txt,5\nC:\\b.txt,6\nD:\\c d.txt,7\n", ",", 1, 3, 0),
    ("one row", "a,b,c\n1,2,3\n", ",", 1, 1, 0),
    ("one row quoted", '"name";"wert"\n"x";"1,5"\n', ";", 1, 1, 0),
    ("names only one col", "name\nAnn\nBob\nEve\n", None, 1, 3, 0),
    ("one col sentences", "comment\nhello, world\nthis is, well, it\nno commas here\n", None, 1, 3, 0),
    ("one col quoted", '"comment"\n"hello, world"\n"this is, well, it"\n', None, 1, 2, 0),
    ("trailing delim all", "a,b,\n1,2,\n3,4,\n", ",", 1, 2, 0),
    ("empty col mid", "a,,c\n1,,3\n4,,6\n", ",", 1, 2, 0),
    ("leading blank lines", "\n\n\na,b\n1,2\n3,4\n", ",", 4, 2, 0),
    ("bom+sep", "\ufeffsep=,\na,b\n1,2\n3,4\n", ",", 2, 2, 0),
    ("sep tab", "sep=\t\na\tb\n1,5\t2\n3,5\t4\n", "\t", 2, 2, 0),
    (
        "space aligned header",
        "Name      Age  City\nAnn        31  Rome\nBob        42  Oslo\nEve         5  Bonn\n",
        " ",
        1,
        3,
        0,
    ),
    ("mixed eol", "a,b\r\n1,2\n3,4\r5,6\r\n", ",", 1, 3, 0),
    ("cr only", "a;b\r1;2\r3;4\r", ";", 1, 2, 0),
    ("no header dates", "01.02.2024;5,5;x\n02.02.2024;6,5;y\n03.02.2024;7,5;z\n", ";", None, 3, 0),
    ("header numbers years", "region;2020;2021;2022\nN;1;2;3\nS;4;5;6\n", ";", 1, 2, 0),
    ("bool cols", "q1,q2,q3\nyes,no,yes\nno,no,yes\nyes,yes,no\n", ",", 1, 3, 0),
    ("codes", "code,label\nA01,alpha\nA02,beta\nA03,gamma\n", ",", 1, 3, 0),
    ("sql dump null", "id,name\n1,\\N\n2,Ann\n3,\\N\n", ",", 1, 3, 0),
    ("commented header", "#id,name,x\n1,a,5\n2,b,6\n", ",", 1, 2, 0),
    ("hash comment mid", "# a\n# b\nid,name\n1,x\n2,y\n# c\n3,z\n4,w\n5,v\n6,u\n", ",", 3, 6, 0),
    ("title+blank+table", "My report\n\nid,name\n1,x\n2,y\n", ",", 3, 2, 0),
    ("title one line 2cols", "My report\nid,name\n1,x\n2,y\n3,z\n", ",", 2, 3, 0),
    ("eu csv with tab in txt", "a;b;c\n1;x\ty;2\n3;z;4\n5;w;6\n", ";", 1, 3, 0),
    (
        "datetimes T colon one col",
        "2024-01-01T10:00:00\n2024-01-01T10:01:00\n2024-01-01T10:02:00\n",
        None,
        None,
        3,
        0,
    ),
    ("ip ports", "host:port\n10.0.0.1:80\n10.0.0.2:443\n10.0.0.3:22\n", ":", 1, 3, 0),
    ("money thousands unquoted?", "name|amt\nA|1,234.50\nB|2,345.60\nC|12.00\n", "|", 1, 3, 0),
    ("geo wkt", "id;geom\n1;POINT (30 10)\n2;LINESTRING (30 10, 10 30, 40 40)\n3;POINT (1 2)\n", ";", 1, 3, 0),
    ("emails", "mail;name\na@b.org;Ann, A.\nb@c.org;Bob, B.\nc@d.org;Eve, C.\n", ";", 1, 3, 0),
    ("tilde", "a~b~c\n1~x~2\n3~y~4\n", "~", 1, 2, 0),
    ("slashes dates", "d,v\n1/2/2024,5\n13/2/2024,6\n", ",", 1, 2, 0),
    ("percent names", "% done,n\n5,1\n6,2\n", ",", 1, 2, 0),
    ("ragged trailing", "a,b,c\n1,2,3\n4,5\n6,7,8\n9,10,11\n", ",", 1, 3, 1),
    ("spaces after comma", "id, name, city\n1, Ann, Rome\n2, Bob, Oslo\n", ",", 1, 2, 0),
    ("space+quote", 'id, name\n1, "Ann, A"\n2, "Bob"\n', ",", 1, 2, 0),
    ("ja tab", "名前\t年齢\n山田\t31\n佐藤\t42\n", "\t", 1, 2, 0),
    ("fullwidth comma text", "id,text\n1,東京、大阪\n2,京都\n", ",", 1, 2, 0),
    ("sparse wide", "id,a,b,c,d,e\n1,,,,,\n2,x,,,,\n3,,y,,,\n", ",", 1, 3, 0),
    ("single data col number header text 1", "value\n1.5\n", None, 1, 1, 0),
    ("numbers comma thousands one col", '"1,234"\n"2,345"\n"3,456"\n', None, None, 3, 0),
    ("R rownames", '"x","y"\n"1",5,6\n"2",7,8\n"3",9,1\n', ",", 1, 3, 0),
    ("pandas index", ",x,y\n0,5,6\n1,7,8\n2,9,1\n", ",", 1, 3, 0),
    ("total footer", "item;n\nA;1\nB;2\nSumme;3\n", ";", 1, 2, 1),
    ("excel empty rows", "a;b;c\n1;2;3\n4;5;6\n;;\n;;\n", ";", 1, 4, 0),
]


@pytest.mark.parametrize(
    ("data", "delimiter", "line", "rows", "aside"), [file[1:] for file in _FILES], ids=[file[0] for file in _FILES]
)
def test_a_file_is_read_as_a_careful_person_reads_it(
    drop: Dropper, data: str, delimiter: str | None, line: int | None, rows: int, *, aside: int
) -> None:
    raw = drop.read(data)
    told = decision(raw, "delimiter")
    assert (None if told.choice == "none" else raw.reading.delimiter) == delimiter
    assert raw.reading.header_row == line
    assert (raw.reading.rows_read, raw.reading.rows_rejected) == (rows, aside)
    assert told.why


def test_quotes_that_are_first_seen_far_down_still_quote(drop: Dropper) -> None:
    raw = drop.read("id,name\n" + "".join(f"{n},n{n}\n" for n in range(60_000)) + '60001,"a, b"\n')
    assert raw.rejected.is_empty()
    assert raw.frame["name"][-1] == "a, b"
