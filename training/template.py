"""How a segment's role and time become text: part of the model, written into `evo.json` for the engine.

The engine's twin is src/template.ts; tests/fixtures/templates.json is read by the tests of both.
"""

from __future__ import annotations

from datetime import datetime

SEGMENT = "{time}\n{role}: {text}"
QUERY = "{text}"
DATE = "{hour}:{minute} {half} on {day} {month}, {year}"

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def render_time(time: datetime) -> str:
    """As `1:56 pm on 8 May, 2023`: twelve-hour clock, no leading zero but in the minutes."""
    return DATE.format(
        hour=time.hour % 12 or 12,
        minute=f"{time.minute:02}",
        half="am" if time.hour < 12 else "pm",
        day=time.day,
        month=MONTHS[time.month - 1],
        year=time.year,
    )


def render_segment(text: str, role: str | None = None, time: datetime | None = None) -> str:
    """`SEGMENT` with the parts that are not given left out, with what joins them."""
    line = f"{role}: {text}" if role else text
    return f"{render_time(time)}\n{line}" if time else line


def as_json() -> dict[str, str]:
    return {"segment": SEGMENT, "query": QUERY, "date": DATE}
