from __future__ import annotations

import pytest

from dsp_pipeline.ml.privacy.patterns import CARD, EMAIL, IBAN, PHONE, SOCIAL_SECURITY, is_card, is_iban, scrubbed

# Test numbers that the card schemes publish for developers.
CARDS = ["4111111111111111", "5500 0000 0000 0004", "3400-0000-0000-009", "30000000000004", "6011000000000004"]
# Examples from the IBAN registry (SWIFT, ISO 13616): Germany, United Kingdom, Norway, Malta, France.
IBANS = [
    "DE89370400440532013000",
    "GB29 NWBK 6016 1331 9268 19",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
    "FR1420041010050500013M02606",
]


@pytest.mark.parametrize("number", CARDS)
def test_published_card_numbers_pass_luhns_check_and_with_another_digit_they_do_not(number: str) -> None:
    assert is_card(number)
    assert not is_card(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("number", IBANS)
def test_published_account_numbers_pass_the_check_and_with_digits_swapped_they_do_not(number: str) -> None:
    assert is_iban(number)
    assert not is_iban(number[:2] + number[3] + number[2] + number[4:])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to ada.lovelace+x@mail.example.org, please", f"write to [{EMAIL}], please"),
        ("<jürgen@bücher.example>", f"<[{EMAIL}]>"),
        ("call +49 (0)30 1234-567 or 0041 79 123 45 67", f"call [{PHONE}] or [{PHONE}]"),
        ("paid with 4111 1111 1111 1111.", f"paid with [{CARD}]."),
        ("to DE89 3704 0044 0532 0130 00 today", f"to [{IBAN}] today"),
        ("SSN 123-45-6789", f"SSN [{SOCIAL_SECURITY}]"),
    ],
)
def test_personal_data_in_a_text_is_replaced_by_what_it_is(text: str, shown: str) -> None:
    assert scrubbed(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31 12:00:00",
        "order 1234567890123456 of 2024",
        "4111111111111112",
        "1.4142135623730951",
        "192.168.10.254",
        "A+ or B- at 5@home",
        "+3 degrees, 00 left",
        "978-3-16-148410-0",
        "EUR 1,234,567.89",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    ],
)
def test_what_only_resembles_personal_data_stays(text: str) -> None:
    assert scrubbed(text) == text


def test_a_long_word_without_an_address_is_searched_once_and_not_from_each_of_its_letters() -> None:
    # Searched from each letter, half a megabyte would take more than the five minutes that a test may.
    assert scrubbed("x" * 500_000) == "x" * 500_000
    assert scrubbed("a@b@c.de") == f"a@[{EMAIL}]"
