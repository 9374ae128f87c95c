import jiwer
from hypothesis import example, given
from hypothesis import strategies as st

from stt_monitor.core.words import WordErrors, spoken_words, together, word_errors

words = st.lists(st.sampled_from("abcde"), max_size=30)


@given(words.filter(bool), words)
def test_errors_are_those_that_the_textbook_counts(said: list[str], heard: list[str]):
    found = word_errors(" ".join(said), " ".join(heard))
    assert found.words == len(said)
    assert found.rate == jiwer.wer(" ".join(said), " ".join(heard))


def test_where_nothing_was_said_there_are_errors_but_no_rate():
    assert word_errors("", "hello you") == WordErrors(2, 0)
    assert word_errors("", "").rate is None


def test_pooled_a_long_text_weighs_more():
    assert together([WordErrors(1, 1), WordErrors(0, 9)]).rate == 0.1


def test_case_punctuation_and_spelling_are_no_errors():
    said = "Mr. Smith's room is 207 \u2013 I\u2019m at www.example.com, on the 12th floor, OK?"
    heard = "mister smith's room is two zero seven i am at w w w dot example dot com on the twelve th floor okay"
    assert word_errors(said, heard).errors == 0
    assert spoken_words("42 is 40 and 2") == ["forty", "two", "is", "forty", "and", "two"]
    assert word_errors("don't go", "do go").errors == 1


def test_words_of_other_scripts_stay_whole():
    assert spoken_words("Straße, ça va! नमस्ते दुनिया") == ["strasse", "ça", "va", "नमस्ते", "दुनिया"]


@given(st.text())
@example("''' ' 'tis \u0130\ufb01 1\ufe0f\u20e3 \u00b2")
def test_words_of_words_are_themselves(text: str):
    once = spoken_words(text)
    assert spoken_words(" ".join(once)) == once or any(char.isdigit() or char == "." for char in text)
    assert word_errors(text, text).errors == 0


def test_a_day_of_talk_is_compared_without_a_table_of_it():
    said = [f"w{chr(97 + number % 23)}{chr(97 + number % 19)}" for number in range(30_000)]
    heard = [word for number, word in enumerate(said) if number % 100]  # a table of 10^9 cells would take hours
    assert word_errors(" ".join(said), " ".join(heard)).errors == 300
