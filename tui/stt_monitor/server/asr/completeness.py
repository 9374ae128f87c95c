"""How complete the words before a pause are: has the user finished, or are they thinking?

A logistic model of what the recogniser expects next (a full stop or a comma: it hears the intonation), of how the last
sentence ends, and of how much was said. The weights were fitted to 700 pauses in composed prompts, inside and at the
end of a turn. On held-out prompts the area under the curve is 0.85, against 0.72 for punctuation alone; in acted
dialogue, where pauses often follow whole sentences, 0.71 to 0.83.
"""

import re
from collections.abc import Iterator
from math import exp, log
from typing import Final

from stt_monitor.server.asr.recogniser import Outlook

UNKNOWN: Final = 0.5
"""The completeness of no words at all."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONJUNCTIONS: Final = _words(
    "and or but because if when while although though unless until since than as whether so therefore however also plus"
)
_FILLERS: Final = _words("um uh er erm hmm mm ah well like")
_OPENERS: Final = _words(
    "a an the my your his her its our their every each another any some which whose very most least quite rather too"
    " such only just even i we they he she who mister mr mrs ms dr currently"
)
"""Words that something must follow: determiners, subjects, adverbs of degree, titles."""
_LEADING: Final = _words(
    "of from with for at into without about between among during against toward towards upon via per"
)
_PARTICLES: Final = _words("to in on by onto over under through before after up down off out")
"""Prepositions that can also end a sentence: she logged on."""
_VERBS: Final = _words(
    "is are was were be been being am isn't aren't will would can could should may might must shall do does did have"
    " has had i'm you're we're they're he's she's it's that's there's i'll we'll you'll i've you've we've don't doesn't"
    " didn't can't won't not let's want need get give make take put tell let find enter press dial say said called"
    " named"
)
"""Auxiliaries, and verbs that are seldom without an object."""
_ORDINALS: Final = _words("first second third fourth fifth next last other same new own")
_NUMBERS: Final = _words(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million"
)
_LABELS: Final = _words(
    "number extension option folder room gate flight version step page chapter channel code pin zip line platform track"
    " apartment unit suite account order caller"
)
"""Nouns that announce a number, unless an article or a possessive stands before them."""
_ARTICLES: Final = _words("the a an my your his her its our their this that another which what any no some")
_SUBORDINATORS: Final = _words("to if when because after before while although though since unless until whenever once")
"""A sentence that begins with one of these, without a comma yet, still lacks its main clause."""
_AFTER_DO: Final = _words("you we i they not the your my our their these those this that it he she me us")
"""What can follow a `do` that opens a sentence. Before anything else it is a misheard `to`."""
_ANSWERS: Final = _words("yes no yeah yep nope ok okay sure thanks right please hello hi bye goodbye correct exactly")
_COUNTED_AFTER: Final = (
    _words("than about the these those my first last") | _LEADING | _PARTICLES | _VERBS | _words("currently")
)

_BIAS: Final = -1.9
_PUNCTUATION: Final = 0.45
"""Weight of the log odds of closing against going on, as the recogniser sees them."""
_TRAILING: Final = -3.0
_FLOOR: Final = 0.01
"""Added to both probabilities of a ratio: below it they are noise."""
_LAST_WORD: Final = (
    (_OPENERS, -2.9),
    (_CONJUNCTIONS, -2.7),
    (_FILLERS, -3.6),
    (_LEADING, -2.2),
    (_PARTICLES, -1.3),
    (_VERBS, -2.2),
    (_ORDINALS, -1.7),
)
_PARTICIPLE: Final = 1.2
"""Little follows a verb of this form: it has been deleted."""
_ADVERB: Final = -1.4
_POSSESSIVE: Final = -1.8
_SUBORDINATE: Final = -1.2
_NUMBER: Final = -0.8
_MORE_NUMBERS: Final = -0.6
_COUNT: Final = -0.3
_LABEL: Final = -1.4
_WORD: Final = 0.27
_WORDS: Final = 10
"""Each of the first so many words makes the turn likelier to be complete: thinking pauses come early."""
_SENTENCE: Final = 1.0
"""So does an earlier whole sentence."""
_ANSWER: Final = 2.2
_ANSWER_WORDS: Final = 3
"""Sentences of up to this many words may be answers."""


def completeness(text: str, outlook: Outlook) -> float:
    """Return how complete `text` is, from 0 (must go on) to 1 (complete).

    Args:
        text: the turn's words so far, without the punctuation at their end.
        outlook: what the recogniser expects after them.
    """
    *whole, sentence = re.split(r"(?<=[.?!])\s+", text.strip())
    words = re.findall(r"[\w']+(?:-[\w']+)*", sentence.lower())
    if not words:
        return UNKNOWN
    length = _WORD * min(len(text.split()), _WORDS) + _SENTENCE * any(" " in earlier for earlier in whole)
    score = _BIAS + length + sum(_of_sound(outlook)) + sum(_of_words(words, sentence))
    return 1 / (1 + exp(-score))


def takes_comma(text: str) -> bool:
    """Return whether a pause after `text` can be a comma: not between a small word and what belongs to it."""
    words = text.lower().split()
    return bool(words) and words[-1][-1].isalnum() and not carries_on(words[-1]) and words[-1] not in _FILLERS


def carries_on(word: str) -> bool:
    """Return whether `word` (lower case) is a small one, that has no capital unless it begins a sentence."""
    return word != "i" and any(
        word in group for group in (_CONJUNCTIONS, _OPENERS, _LEADING, _PARTICLES, _VERBS, _ORDINALS, _NUMBERS)
    )


def _of_sound(outlook: Outlook) -> Iterator[float]:
    yield _PUNCTUATION * log((outlook.closed + _FLOOR) / (outlook.going_on + _FLOOR))
    yield _TRAILING * outlook.trailing_off


def _of_words(words: list[str], sentence: str) -> Iterator[float]:
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    for group, weight in _LAST_WORD:
        if last in group:
            yield weight
    if before:
        yield from _of_form(last)
    if (words[0] in _SUBORDINATORS or _misheard(words)) and "," not in sentence.rstrip(" ,."):
        yield _SUBORDINATE
    if _is_number(last) and before != "press":  # a key is all there is to press
        yield _MORE_NUMBERS if _is_number(before) else _NUMBER
        if before in _COUNTED_AFTER:
            yield _COUNT
    if last in _LABELS and not _ARTICLES.intersection(words[-4:-1]):
        yield _LABEL
    if last in _ANSWERS and len(words) <= _ANSWER_WORDS:
        yield _ANSWER


def _of_form(word: str) -> Iterator[float]:
    if word.endswith("ed") and len(word) > len("need"):
        yield _PARTICIPLE
    if word.endswith("ly") and len(word) > len("only"):
        yield _ADVERB
    if word.endswith("'s") and word not in _VERBS:
        yield _POSSESSIVE


def _misheard(words: list[str]) -> bool:
    """Return whether a sentence of these words began with an infinitive: to leave the conference, press nine."""
    return words[0] == "do" and len(words) > 1 and words[1] not in _AFTER_DO


def _is_number(word: str) -> bool:
    return word in _NUMBERS or word.isdigit()
