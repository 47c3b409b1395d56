"""What clients put before a subject that is answered or passed on is taken off it, in each language."""
# ruff: noqa: RUF001 - letters of many alphabets

import pytest

from mailticket.core.subject import ANSWERED, PASSED_ON, base

# As the clients write them.
REPLIES = (
    "Re", "R", "AW", "Antw", "Antwort", "SV", "VS", "Odp", "Odg", "RES", "RIF", "YNT", "Atb", "Ats", "Vá", "ΑΠ", "НА",
    "Отв", "Ответ", "Відп", "返信", "回复", "答复", "回覆", "答覆", "회신", "답장",
)  # fmt: skip
FORWARDS = (
    "Fw", "Fwd", "WG", "TR", "RV", "ENC", "PD", "VL", "VS", "Doorst", "VB", "I", "ILT", "i\u0307lt", "ΠΡΘ", "Redir",
    "Posr", "Videresend", "Пересл", "転送", "转发", "轉寄", "轉發", "전달",
)  # fmt: skip


@pytest.mark.parametrize("mark", [*REPLIES, *FORWARDS, "İLT"])
def test_a_mark_goes_with_a_number_or_a_wide_colon_too(mark):
    for written in (f"{mark}: ", f"{mark}:", f"{mark.lower()} : ", f"{mark}[2]: ", f"{mark}\uff1a", f"Re: {mark}: "):
        assert base(f"{written}Printer") == "Printer"


def test_every_mark_of_the_tables_is_shown_here():
    assert {mark.lower() for mark in (*REPLIES, *FORWARDS)} >= {mark.lower() for mark in (*ANSWERED, *PASSED_ON)}
    assert len(REPLIES) + len(FORWARDS) == len(ANSWERED) + len(PASSED_ON)


@pytest.mark.parametrize("subject", ["Reply: yes", "Offer: printer", "A: B", "Note: it burns", "Ret: 5", "Fire"])
def test_other_words_before_a_colon_stay(subject):
    assert base(subject) == subject
