"""All attributes that are written out; those of things and occasions are in attribute_families."""

from __future__ import annotations

from dataclasses import replace

from .attribute_acts import ACTS
from .attributes_general import GENERAL
from .attributes_home import HOME
from .attributes_world import WORLD

ATTRIBUTES = tuple(replace(one, act=ACTS.get(one.nouns[0])) for one in (*GENERAL, *HOME, *WORLD))
