"""All attributes that are written out; those of things and occasions are in attribute_families."""

from __future__ import annotations

from .attributes_general import GENERAL
from .attributes_home import HOME
from .attributes_world import WORLD

ATTRIBUTES = (*GENERAL, *HOME, *WORLD)
