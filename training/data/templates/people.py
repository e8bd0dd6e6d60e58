"""Who takes part: names with their pronouns, and how a wording speaks of a person.

A wording is written once, as the person would say it: "{I} handed {my} old one back." For somebody
else the first such slot becomes the name ("Ana handed her old one back."), the later ones pronouns.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

SHE = (
    "Ana Beth Carla Chloe Daria Edith Elif Farah Fiona Freya Gita Grace Hana Helga Imani Ines Ingrid Irene Jana "
    "Jasmine Joanna Judith Kaori Karin Keiko Lara Leila Lucia Mei Mira Nadia Nina Noor Olga Paula Priya Rachel "
    "Renata Rosa Ruth Saskia Selma Sofia Tamara Tessa Ursula Vera Wanda Xenia Yara Yuki Zadie Zora Amelia Bianca "
    "Camila Dolores Esther Gloria Hazel Ivy June Kirsten Linnea Mabel Naomi Odette Pilar Ramona Stella Thea Una Violet"
).split()
HE = (
    "Adam Ahmed Anton Arjun Ben Boris Bruno Caleb Carlos Chidi Dan Derek Diego Elias Emil Enzo Ethan Felix Finn Frank "
    "Gareth George Goran Hamid Hank Hugo Ian Ibrahim Ivan Jamal Javier Joel Jonas Karl Kenji Lars Leon Liam Luca "
    "Malik Marco Mateo Milan Nabil Nico Nils Oscar Otto Pablo Pavel Pedro Quentin Rafael Raj Rashid Roman Samir Simon "
    "Stefan Tariq Theo Tobias Umar Victor Walter Wei Xavier Yusuf Zach Zoltan Arthur Basil Cedric Dmitri Edgar Floyd"
).split()


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    she: bool = True
    user: bool = False
    """The user of an assistant: questions about them say "I" and "my"."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one conversation: who speaks, and who is only talked about."""

    speakers: tuple[Person, ...]
    absent: tuple[Person, ...]
    roles: bool

    @property
    def tellers(self) -> tuple[Person, ...]:
        """Those with a life to tell of: everybody but an assistant."""
        return self.speakers[:1] if self.roles else self.speakers

    def other(self, rng: random.Random, person: Person) -> Person:
        """Somebody else who speaks."""
        return rng.choice([p for p in self.speakers if p != person])


def draw_cast(rng: random.Random) -> Cast:
    """Two or three named speakers, or a user and an assistant, and three people who are absent."""
    pool = [Person(name, True) for name in rng.sample(SHE, 4)] + [Person(name, False) for name in rng.sample(HE, 4)]
    rng.shuffle(pool)
    if rng.random() < 0.22:
        return Cast((Person("User", rng.random() < 0.5, user=True), Person("Assistant")), tuple(pool[:3]), True)
    count = 3 if rng.random() < 0.22 else 2
    return Cast(tuple(pool[:count]), tuple(pool[count : count + 3]), False)


_OWN = {"I": "I", "Im": "I'm", "Ive": "I've", "Ill": "I'll", "Id": "I'd", "my": "my", "me": "me", "mine": "mine", "myself": "myself", "s": "", "es": "",
        "do": "do", "have": "have", "was": "was"}  # fmt: skip
_NAMED = {"I": "{}", "Im": "{} is", "Ive": "{} has", "Ill": "{} will", "Id": "{} would", "my": "{}'s", "me": "{}",
          "mine": "{}'s", "myself": "{}"}
_SHE = {"I": "she", "Im": "she's", "Ive": "she's", "Ill": "she'll", "Id": "she'd", "my": "her", "me": "her",
        "mine": "hers", "myself": "herself"}
_HE = {"I": "he", "Im": "he's", "Ive": "he's", "Ill": "he'll", "Id": "he'd", "my": "his", "me": "him",
       "mine": "his", "myself": "himself"}
_VERB = {"s": "s", "es": "es", "do": "does", "have": "has", "was": "was"}
_SLOT = re.compile(r"\{(\w+)\}")


@cache
def for_others(wordings: tuple[str, ...]) -> tuple[str, ...]:
    """Those that name the person they are about; the rest only this person can say."""
    return tuple(wording for wording in wordings if any(slot in _NAMED for slot in _SLOT.findall(wording)))


def tell(wording: str, person: Person, own: bool, **slots: str) -> str:
    """The wording in the first person (`own`) or about the person by name."""
    named = False

    def fill(match: re.Match[str]) -> str:
        nonlocal named
        key = match[1]
        if key in slots:
            return slots[key]
        if own:
            return _OWN[key]
        if key in _VERB:
            return _VERB[key]
        if not named:
            named = True
            return _NAMED[key].format(person.name)
        return (_SHE if person.she else _HE)[key]

    return sentence_case(_SLOT.sub(fill, wording))


def ask(wording: str, person: Person, **slots: str) -> str:
    """A question about the person: {p}, {ps} (possessive), {pm} (object), {their}, {them}, {they}, {do}, {have}, {am}."""
    if person.user:
        forms = {"p": "I", "pm": "me", "ps": "my", "their": "my", "them": "me", "they": "I", "do": "do", "have": "have", "am": "am"}
    else:
        they, their, them = ("she", "her", "her") if person.she else ("he", "his", "him")
        forms = {"p": person.name, "pm": person.name, "ps": f"{person.name}'s", "their": their, "them": them, "they": they, "do": "does",
                 "have": "has", "am": "is"}  # fmt: skip
    return sentence_case(_SLOT.sub(lambda match: (forms | slots)[match[1]], wording))


_ARTICLE = re.compile(r"\b(a) (?=[aeio]|um)(?!one|eu)", re.IGNORECASE)
_START = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")


def sentence_case(text: str) -> str:
    """The text with a capital at the start of each sentence, and "an" where it belongs."""
    return _START.sub(lambda match: match[0].upper(), _ARTICLE.sub(r"\1n ", text))
