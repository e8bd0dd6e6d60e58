"""The types of question that are written, by a language model (written.py) or by hand (chats)."""

QUESTION_TYPES = {
    "plain": "what one segment says outright, asked in other words than it uses",
    "first": "the first of several values that one thing takes over time",
    "latest": "the value that holds at the end, after changes",
    "previous": "the value just before one that the question names",
    "next": "the value just after one that the question names",
    "event": "what was so before, during or after an event that the question names",
    "count": "how many times something happened; every segment that counts is evidence",
    "who": "which person said or did it",
    "which": "which of two things that the question names",
    "reference": "a segment that says it, there, that one, or only replies; the question names what is meant",
    "retracted": "something that was said and taken back",
    "multi": "an answer that needs two or three segments together",
}
