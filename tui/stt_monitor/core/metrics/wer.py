"""Word error rate of a transcript against a reference. Pure, and fast enough for a day of speech."""

from collections.abc import Iterable

import msgspec


class WordErrors(msgspec.Struct, frozen=True):
    """Word errors (insertions, deletions, substitutions), and words of the reference."""

    errors: int = 0
    words: int = 0
    characters: int = 0
    """Words that are single characters of a script without spaces."""

    @property
    def rate(self) -> float | None:
        """Errors per word of the reference; above 1 with many insertions, None for an empty reference."""
        return self.errors / self.words if self.words else None

    @property
    def label(self) -> str:
        """Name of the rate: it counts characters in scripts without spaces (Chinese, Japanese, Thai …)."""
        if not self.characters:
            return "word error rate"
        return "character error rate" if self.characters == self.words else "word and character error rate"

    @property
    def counted(self) -> str:
        """What it counts, in the plural."""
        return self.label.removesuffix(" error rate").replace("word", "words").replace("character", "characters")


def word_errors(reference: str, transcript: str) -> WordErrors:
    """Compare a transcript with its reference, both in their spoken form (`spoken.spoken_form`)."""
    from rapidfuzz.distance import Levenshtein  # rarely needed

    from stt_monitor.core.text.spoken import is_letter_of_script_without_spaces, spoken_form, words_of
    from stt_monitor.core.text.wordings import align_wordings

    form, other = spoken_form(reference), spoken_form(transcript)
    words = words_of(form)
    characters = sum(map(is_letter_of_script_without_spaces, words))
    return WordErrors(Levenshtein.distance(words, words_of(align_wordings(form, other))), len(words), characters)


def total_word_errors(parts: Iterable[WordErrors]) -> WordErrors:
    """Add up errors and words: a long text weighs more than a short one."""
    total = WordErrors()
    for part in parts:
        total = WordErrors(total.errors + part.errors, total.words + part.words, total.characters + part.characters)
    return total
