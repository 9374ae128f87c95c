"""Word error rate: how much of what was really said was heard wrong. Pure, and fast enough for a day of talk."""

from collections.abc import Iterable

import msgspec


class WordErrors(msgspec.Struct, frozen=True):
    """Words inserted, deleted and substituted, and the words that were really said."""

    errors: int = 0
    words: int = 0
    characters: int = 0
    """How many of the words are single characters of a script without spaces."""

    @property
    def rate(self) -> float | None:
        """Errors for each word said; more than 1 when much was made up, None when nothing was said."""
        return self.errors / self.words if self.words else None

    @property
    def label(self) -> str:
        """What the rate is called: in scripts without spaces (Chinese, Japanese, Thai …) characters are counted."""
        if not self.characters:
            return "word error rate"
        return "character error rate" if self.characters == self.words else "word and character error rate"

    @property
    def counted(self) -> str:
        """What is counted, in the plural."""
        return self.label.removesuffix(" error rate").replace("word", "words").replace("character", "characters")


def word_errors(said: str, heard: str) -> WordErrors:
    """Compare what was said with what was heard, both in the form of `spoken.spoken_form`."""
    from rapidfuzz.distance import Levenshtein  # these are asked for rarely

    from stt_monitor.core.metrics.spoken import is_letter_of_script_without_spaces, spoken_form, words_of
    from stt_monitor.core.metrics.wordings import worded_as

    form, other = spoken_form(said), spoken_form(heard)
    words = words_of(form)
    characters = sum(map(is_letter_of_script_without_spaces, words))
    return WordErrors(Levenshtein.distance(words, words_of(worded_as(form, other))), len(words), characters)


def together(parts: Iterable[WordErrors]) -> WordErrors:
    """Aggregate errors and words: a long text weighs more than a short one."""
    total = WordErrors()
    for part in parts:
        total = WordErrors(total.errors + part.errors, total.words + part.words, total.characters + part.characters)
    return total
