"""What a column's name says about its values, in English and a few other languages."""

from __future__ import annotations

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+")


def words_in(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


EMAIL = words_in("email emails mail")
PHONE = words_in(
    "phone phones telephone tel telefon telefono mobile handy cell cellphone fax msisdn natel phonenumber"
)
IBAN = words_in("iban")
CARD = words_in("card pan creditcard cc kreditkarte")
SOCIAL_SECURITY = words_in("ssn social")
GIVEN_NAMES = words_in(
    "firstname lastname surname forename vorname nachname familienname fullname prenom nom apellido apellidos "
    "cognome givenname familyname voornaam achternaam sobrenome"
)
PARTS_OF_NAMES = words_in("first last given family full middle maiden sur fore")
NAME = words_in("name names")
PEOPLE = words_in(
    "customer client patient passenger employee contact person author owner student member user recipient "
    "manager salesperson seller buyer tenant kunde mitarbeiter patient doctor teacher guest"
)
STREET = words_in("address addr street strasse adresse anschrift calle rue direccion indirizzo")
POSTCODE = words_in("zip zipcode postcode postal plz postleitzahl cp cap")
LATITUDE = words_in("lat latitude breitengrad")
LONGITUDE = words_in("lon lng long longitude laengengrad")
MONEY = words_in(
    "price prices amount cost costs revenue sales salary income wage fee fees balance profit budget payment "
    "payments fare spend charge charges turnover earnings preis betrag umsatz kosten gehalt eur euro usd "
    "dollar dollars gbp chf prix montant precio importe"
)
SHARE = words_in(
    "pct percent percentage perc rate share ratio proportion fraction anteil prozent quote porcentaje taux"
)
COUNT = words_in("count counts cnt num number qty quantity items pieces units anzahl menge nombre cantidad visits")
CODE = words_in("code type class category status group level grade cluster segment flag kind")
YEAR = words_in("year yr jahr annee ano")


def header_words(name: str) -> frozenset[str]:
    """The words of a column's name, in lower case and without accents: ``Prénom_client`` has prenom and client."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name))
    return frozenset(_WORD.findall("".join(mark for mark in plain if not unicodedata.combining(mark)).lower()))


def names_people(words: frozenset[str]) -> bool:
    """Whether the name says outright that the values are people's names."""
    return bool(words & GIVEN_NAMES or ("name" in words and words & PARTS_OF_NAMES))


def may_name_people(words: frozenset[str]) -> bool:
    """Whether the values can be people's names, by the column's name."""
    return bool(words & NAME or words & PEOPLE)
