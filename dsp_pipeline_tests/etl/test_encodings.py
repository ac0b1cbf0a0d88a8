"""Legacy encodings are told by their letters: lists of names and goods as people keep them, in many languages.

The expectation is the text itself: each is encoded by Python's codecs, and has to be read back unchanged.
"""

from __future__ import annotations

import pytest

from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline_tests.etl.drops import Dropper, cells, decision

# ruff: noqa: RUF001 - letters of all alphabets are meant
_LISTS = {
    "cp1252": [
        "Straße;Ort\nHauptstraße 5;Köln\nÄußere Gasse 7;Nürnberg\nMühlweg 1;Görlitz",
        "nom;ville\nRené;Orléans\nFrançois;Évry\nHélène;Besançon\nZoé;Nîmes",
        "nombre;ciudad\nJosé;Málaga\nÍñigo;Logroño\nNúria;Cádiz",
        "nome;cidade\nJoão;São Paulo\nConceição;Brasília\nAntônio;Goiânia",
        "navn;by\nBjørn;Tromsø\nÅse;Ålesund\nSøren;Århus\nKjærsti;Bærum",
        "namn;ort\nÅke;Malmö\nGöran;Västerås\nPär;Örebro",
        "nafn;staður\nÞórður;Ísafjörður\nGuðrún;Akureyri\nÓlafur;Keflavík",
        "item;price\ncafé latte;“3.50 €”\nnaïve – used;‘4.20 €’",
        "place;temp\nRoof;21.5 °C\nYard;19.5 °C",
        "city;n\nKöln;1\nplain;2",
    ],
    "iso8859-15": ["plat;prix\nœuf;2 €\ncœur de bœuf;12 €\nŒuvre;5 €"],
    "cp850": ["Ort;Straße\nKöln;Äußere Straße\nMünchen;Türkenstraße\nDüsseldorf;Königsallee"],
    "mac_roman": ["ville;département\nOrléans;Loiret\nBesançon;Doubs\nNîmes;Gard\nÉvry;Essonne"],
    "cp1250": [
        "imię;miasto\nMałgorzata;Wrocław\nŁucja;Łódź\nŚwiętosława;Poznań",
        "jméno;město\nJiří;Příbram\nŽofie;Plzeň\nLuděk;Ústí nad Labem",
        "név;város\nGyőző;Székesfehérvár\nErzsébet;Nyíregyháza\nLőrinc;Győr",
    ],
    "iso8859-2": [
        "imię;miasto\nMałgorzata;Wrocław\nŚwiętosława;Łódź\nJoaśka;Świdnica\nBożena;Kąty",
        "jméno;město\nŠtěpán;Žďár\nTomáš;Český Těšín\nMatěj;Šumperk\nŽofie;Plzeň",
    ],
    "cp1251": [
        "имя;город\nИван;Москва\nПётр;Казань\nОльга;Тверь",
        "ім'я;місто\nОлексій;Київ\nЇлія;Львів\nЄва;Харків",
        "товар;цена\nБолт № 5;12\nГайка «М8»;7",
    ],
    "koi8-r": ["имя;город\nИван;Москва\nПётр;Казань\nОльга;Тверь", "ГОРОД;ЛЮДЕЙ\nМОСКВА;5\nКАЗАНЬ;7\nТВЕРЬ;1"],
    "cp866": ["имя;город\nИван;Москва\nПётр;Казань\nОльга;Тверь"],
    "cp1253": ["όνομα;πόλη\nΓιώργος;Αθήνα\nΕλένη;Θεσσαλονίκη\nΆννα;Πάτρα"],
    "cp1254": ["ad;şehir\nAyşe;İstanbul\nIşıl;Diyarbakır\nÇağrı;Muğla\nGülşah;Eskişehir"],
    "cp1255": ["שם;עיר\nדוד;ירושלים\nשרה;תל אביב\nיוסף;חיפה"],
    "cp1256": ["الاسم;المدينة\nمحمد;القاهرة\nفاطمة;الإسكندرية\nأحمد;الجيزة"],
    "cp1257": ["vardas;miestas\nJūratė;Šiauliai\nŽydrūnas;Panevėžys\nRūta;Klaipėda"],
    "cp874": ["ชื่อ;เมือง\nสมชาย;กรุงเทพมหานคร\nสมหญิง;เชียงใหม่\nวิชัย;ขอนแก่น"],
    "cp932": [
        "名前,住所\n山田太郎,東京都千代田区\n佐藤花子,大阪市\n鈴木一郎,札幌市",
        "商品,数量\nりんご,5\nみかん,7\nソース表示,9",
        "ｼﾒｲ,ﾏﾁ\nﾔﾏﾀﾞ ﾀﾛｳ,ﾄｳｷｮｳ\nｻﾄｳ ﾊﾅｺ,ｵｵｻｶ\nｽｽﾞｷ ｲﾁﾛｳ,ﾅｺﾞﾔ",
    ],
    "euc_jp": ["名前,住所\n山田太郎,東京都千代田区\n佐藤花子,大阪市\n鈴木さくら,札幌市"],
    "gb18030": ["姓名,城市\n张伟,北京\n王芳,上海\n李娜,广州", "产品,单价\n苹果,3.5\n香蕉,2.5\n西瓜,1.5"],
    "big5": ["姓名,縣市\n陳大文,臺北市\n林小美,高雄市\n王志明,臺中市"],
    "euc_kr": ["이름,도시\n김철수,서울\n이영희,부산\n박민수,대구"],
}
_CASES = [(text, codec) for codec, texts in _LISTS.items() for text in texts]


@pytest.mark.parametrize(("text", "codec"), _CASES)
def test_a_legacy_encoding_is_told_by_its_letters(drop: Dropper, text: str, codec: str) -> None:
    raw = drop.read(text.encode(codec))
    header, *rows = (tuple(line.split(raw.reading.delimiter)) for line in text.split("\n"))
    assert raw.reading.encoding == codec
    assert [one.original_name for one in raw.reading.columns] == list(header)
    assert cells(raw) == rows


@pytest.mark.parametrize("text", [_LISTS["cp1251"][0], _LISTS["cp932"][0]], ids=["Russian", "Japanese"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_unicode_without_a_mark_is_told_by_where_its_nuls_stand(drop: Dropper, text: str, codec: str) -> None:
    raw = drop.read(text.encode(codec))
    assert raw.reading.encoding == codec
    assert raw.reading.columns[1].name in {"город", "住所"}


def test_what_speaks_against_another_encoding_is_told_in_words(drop: Dropper) -> None:
    told = decision(drop.read("имя;город\nИван;Москва\nПётр;Казань\n".encode("koi8-r")), "encoding")
    assert told.choice == "koi8-r"
    assert told.confidence > 0.9
    as_cp1251 = "имя".encode("koi8-r").decode("cp1251")
    assert (
        f"'имя' would be '{as_cp1251}'" in {other.choice: other.why_not for other in told.alternatives}["cp1251"]
    )


def test_few_letters_are_less_sure_than_many(drop: Dropper) -> None:
    few = decision(drop.read("city;n\nKöln;1\nplain;2\n".encode("cp1252")), "encoding")
    many = decision(drop.read(_LISTS["cp1252"][0].encode("cp1252")), "encoding")
    assert few.choice == many.choice == "cp1252"
    assert few.confidence < many.confidence


def test_damage_in_a_legacy_text_costs_its_line_only(drop: Dropper) -> None:
    rows = "".join(f"山田太郎{n},東京都千代田区\n" for n in range(200))
    data = ("名前,住所\n" + rows).encode("cp932") + b"\x81 ,x\n" + "佐藤,大阪市\n".encode("cp932")
    raw = drop.read(data)
    assert raw.reading.encoding == "cp932"
    assert (raw.rejected["line"].to_list(), raw.reading.rows_read) == ([202], 201)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("iso2022_jp", "名前,住所\n山田太郎,東京都千代田区\n佐藤花子,大阪市\n"),
        ("iso2022_jp_ext", "名前,住所\n山田太郎,ﾄｳｷｮｳ\n佐藤花子,大阪市\n"),
        ("iso2022_jp_2004", "名前,住所\n山田太郎,①東京都\n佐藤花子,大阪市\n"),
    ],
)
def test_an_encoding_that_shifts_by_escapes_is_told_by_them(drop: Dropper, codec: str, text: str) -> None:
    raw = drop.read(text.encode(codec))
    header, *rows = (tuple(line.split(",")) for line in text.splitlines())
    assert (raw.reading.encoding, cells(raw)) == (codec, rows)
    assert [one.original_name for one in raw.reading.columns] == list(header)
    assert "ISO 2022" in decision(raw, "encoding").why


def test_escapes_that_colour_a_terminal_are_no_encoding(drop: Dropper) -> None:
    raw = drop.read("level,text\n1,\x1b[31mred\x1b[0m\n2,plain\n")
    assert raw.reading.encoding == "utf-8"
    assert cells(raw) == [("1", "\x1b[31mred\x1b[0m"), ("2", "plain")]


def test_an_encoding_with_shifts_that_breaks_far_down_is_refused_in_words(drop: Dropper) -> None:
    row = "山田太郎,東京都千代田区\n".encode("iso2022_jp")
    data = "名前,住所\n".encode("iso2022_jp") + row * (2_200_000 // len(row) * 8) + b"\x1b$B\x7f\x7f\x1b(B,x\n"
    with pytest.raises(ReadingError, match="says it is iso2022_jp and is damaged at byte"):
        drop.read(data)


def test_a_declared_encoding_that_the_text_has_is_told_as_the_owners(drop: Dropper) -> None:
    for codec in ("utf-8", "utf-8-sig", "cp1250"):
        raw = drop.read("město;n\nŽďár;1\n".encode(codec), sidecar=f"reading: {{encoding: {codec}}}")
        assert decision(raw, "encoding").why == "the sidecar says so"
        assert (raw.reading.encoding, cells(raw)) == (codec, [("Žďár", "1")])


@pytest.mark.parametrize("codec", ["utf-9", "base64", "undefined"])
def test_a_declared_encoding_that_there_is_none_of_is_told(drop: Dropper, codec: str) -> None:
    with pytest.raises(ReadingError, match="is not known"):
        drop.read("a,b\n1,2\n", sidecar=f"reading: {{encoding: {codec}}}")
