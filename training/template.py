"""How a segment's role and time become text: part of the model, written into `evo.json` for the engine.

The engine's twin is src/template.ts; tests/fixtures/templates.json holds what both must render.
"""

from __future__ import annotations

import re
from datetime import datetime

SEGMENT = "{time}\n{role}: {text}"
QUERY = "{text}"
DATE = "{hour}:{minute} {half} on {day} {month}, {year}"

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def render_segment(text: str, role: str | None = None, time: datetime | None = None) -> str:
    """What is not given is left out, with the literal text behind it."""
    return _fill(SEGMENT, {"time": render_time(time) if time else None, "role": role or None, "text": text})


def render_time(time: datetime) -> str:
    """As `1:56 pm on 8 May, 2023`: twelve-hour clock, no leading zero but in the minutes."""
    return _fill(
        DATE,
        {
            "hour": str(time.hour % 12 or 12),
            "minute": f"{time.minute:02}",
            "half": "am" if time.hour < 12 else "pm",
            "day": str(time.day),
            "month": MONTHS[time.month - 1],
            "year": str(time.year),
        },
    )


def as_json() -> dict[str, str]:
    """The patterns, as evo.json states them."""
    return {"segment": SEGMENT, "query": QUERY, "date": DATE}


def _fill(pattern: str, values: dict[str, str | None]) -> str:
    def part(match: re.Match) -> str:
        value = values[match[1]]
        return "" if value is None else value + match[2]

    return re.sub(r"\{(\w+)\}([^{]*)", part, pattern)
