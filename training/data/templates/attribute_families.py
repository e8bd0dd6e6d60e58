"""Attributes of things and occasions, combined at random: the place for the kayak, the host of the barn dance."""

from __future__ import annotations

import random
from dataclasses import dataclass

from . import items
from .attribute import Attribute
from .people import HE, SHE
from .reply_tables import REPLIES


@dataclass(frozen=True, slots=True)
class Family:
    """Nouns and wordings with {t} for the thing."""

    nouns: tuple[str, ...]
    things: tuple[str, ...]
    values: tuple[str, ...]
    says: tuple[str, ...]


_VALUES = {table.type: table.values for table in REPLIES}
_CHOICES = dict(items.CHOICES)
_NAMES = tuple(sorted({*SHE, *HE}))

FAMILIES = (
    Family(("place for the {t}", "spot for the {t}", "storage place of the {t}"), tuple(items.THINGS), _VALUES["reply.where"],
           ("{I} moved the {t}, it's {v} these days.", "{I} dragged {my} {t} out again; look for it {v}.",
            "the {t} stays {v} until {I} need{s} it.", "{my} {t} got another home: {v}.", "{I} put the {t} {v} to be safe.")),
    Family(("asking price for the {t}", "price tag on the {t}"), tuple(items.THINGS), tuple(items.PRICES),
           ("{I} put {v} on the ad for {my} {t}.", "the {t} is up for {v} in {my} ad.", "{I} want{s} {v} for the {t}.",
            "for {v} anyone can have {my} {t}.")),
    Family(("colour of the {t}", "shade of the {t}"), tuple(items.COLOURED), _VALUES["reply.colour"],
           ("{I} had the {t} done in {v}.", "{my} {t} is {v} all over.", "{I} ordered {v} for the {t}.")),
    Family(("time of the {t}", "schedule for the {t}"), tuple(items.OCCASIONS), _VALUES["reply.when"],
           ("{my} {t} is {v}.", "they told {me} the {t} takes place {v}.", "the {t} {I} organise{s} happens {v}.")),
    Family(("number of {t}", "count of {t}"), tuple(items.PLURALS), _VALUES["reply.how many"],
           ("for {t} {my} list says {v}.", "{I} wrote down {v} as the number of {t}.", "{t}: {v} on {my} list.")),
    Family(("keeper of the {t}", "person in charge of the {t}"), tuple(items.THINGS), _VALUES["reply.who"],
           ("{I} handed the {t} to {v}.", "{v} looks after {my} {t}.", "{my} {t} is with {v}.")),
    Family(("host of the {t}", "organiser of the {t}"), tuple(items.OCCASIONS), _NAMES,
           ("{v} is going to host {my} {t}.", "{I} asked {v} to run the {t}.", "for {my} {t} {v} will do the organising.")),
    Family(("theme of the {t}", "topic of the {t}"), tuple(items.OCCASIONS), _CHOICES["theme"],
           ("{my} {t} is going to be all about {v}.", "{I} decorated for the {t}: {v}.")),
    Family(("dessert for the {t}", "sweet dish at the {t}"), tuple(items.OCCASIONS), _CHOICES["dessert"],
           ("{Ill} serve {v} at the {t}.", "{my} {t} ends with {v}.", "there'll be {v} at the {t}, {I} promised.")),
    Family(("closing song of the {t}", "last song at the {t}"), tuple(items.OCCASIONS), _CHOICES["song"],
           ("{my} {t} will close with {v}.", "{I} told the DJ to end the {t} on {v}.")),
    Family(("flower arrangement for the {t}", "flowers at the {t}"), tuple(items.OCCASIONS), _CHOICES["flower"],
           ("{I} ordered {v} for the {t}.", "{my} {t} will be full of {v}.")),
    Family(("photographer of the {t}", "picture taker at the {t}"), tuple(items.OCCASIONS), _CHOICES["photographer"],
           ("{I} hired {v} for the {t}.", "{v} will shoot {my} {t}.")),
    Family(("wood for the {t}", "material of the {t}"), tuple(items.THINGS), _CHOICES["wood"],
           ("{I} want{s} the {t} in {v}.", "{my} {t} will be built from {v}.")),
    Family(("fabric for the {t}", "cover of the {t}"), tuple(items.THINGS), _CHOICES["fabric"],
           ("{I} had the {t} covered in {v}.", "{v} is what {I} ordered for the {t}.")),
)  # fmt: skip


def draw_attribute(rng: random.Random) -> Attribute:
    """One attribute of a random thing."""
    family = rng.choice(FAMILIES)
    thing = rng.choice(family.things)
    nouns = tuple(noun.replace("{t}", thing) for noun in family.nouns)
    return Attribute(nouns, family.values, tuple(wording.replace("{t}", thing) for wording in family.says))
