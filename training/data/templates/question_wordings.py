"""Questions about a person's attribute: {n} is its noun, {a} and {b} values, {e} an event, {d} a date, {q} somebody else."""

ASKS: dict[str, tuple[str, ...]] = {
    "first": (
        "What {n} did {p} have originally?",
        "What was {ps} original {n}?",
        "What was the earliest {n} {p} mentioned?",
        "Back at the beginning, what was {ps} {n}?",
        "Before any of the changes, what was {ps} {n}?",
        "What did {p} begin with as {their} {n}?",
        "Tell me {ps} initial {n}.",
        "What was the first of {ps} {n} choices?",
        "At the outset, which {n} was it for {pm}?",
        "What {n} did {p} have first of all?",
        "what {n} did {p} have in the beginning",
        "How did it all start with {ps} {n}, what was it?",
        "Which {n} had {p} chosen in the beginning?",
    ),
    "latest": (
        "What {n} {do} {p} have these days?",
        "What is {ps} {n} at present?",
        "Which {n} {do} {p} currently have?",
        "What's {ps} {n} as things stand?",
        "What is the latest on {ps} {n}?",
        "What did {p} end up with as {their} {n}?",
        "As of today, what's {ps} {n}?",
        "What is {ps} most recent {n}?",
        "Which {n} did {p} finally go with?",
        "{ps} current {n}?",
        "What's {ps} {n} right at this moment?",
        "How do things stand with {ps} {n}?",
        "What would you say {ps} {n} is by this time?",
        "what's {ps} newest {n}",
    ),
    "previous": (
        "What did {p} use to have as {n} before {a}?",
        "{a} is what {p} changed to. From which {n}?",
        "What {n} did {p} have prior to {a}?",
        "What did {p} give up as {n} for {a}?",
        "What came right before {a} as {ps} {n}?",
        "Which {n} did {a} replace for {pm}?",
        "Before {ps} {n} became {a}, what was it?",
        "What had {ps} {n} been until {a} came along?",
        "Coming from which {n} did {p} get to {a}?",
        "{a} took the place of which {n} in {ps} life?",
        "what {n} did {p} have before {a}",
    ),
    "before_latest": (
        "What was {ps} previous {n}?",
        "Which {n} did {p} hold on to before the newest one?",
        "What is the {n} {p} {have} just given up?",
        "What was {ps} old {n}, the last one before today's?",
        "What {n} did {p} have before the current one?",
        "What was {ps} {n} before the last change?",
        "Which {n} did {p} give up most recently?",
        "What was {ps} last {n} before this one?",
        "What did {p} have as {n} one change ago?",
    ),
    "next": (
        "What came after {a} as {ps} {n}?",
        "After {a}, which {n} did {p} take?",
        "What replaced {a} as {ps} {n}?",
        "What did {p} change {their} {n} to after {a}?",
        "Once {a} was over, what was {ps} {n}?",
        "Which {n} did {p} go for when {they} left {a}?",
        "What was the next {n} {p} had after {a}?",
        "For which {n} did {p} drop {a}?",
        "What followed {a} as {n} for {pm}?",
        "what {n} did {p} have after {a}",
    ),
    "second": (
        "What was {ps} second {n}?",
        "One change in, what was {ps} {n}?",
        "Counting from the start, which {n} did {p} take as number two?",
        "Which {n} was number two for {pm}?",
        "What did {p} have as {n} after the very first one?",
        "What was the result of {ps} first change of {n}?",
        "In the history of {ps} {n}, what stood second?",
        "Second in line: what {n} did {p} have?",
        "what {n} did {p} have second",
    ),
    "third": (
        "What was {ps} third {n}?",
        "Two changes in, what was {ps} {n}?",
        "Counting from the start, which {n} did {p} take as number three?",
        "Which {n} was number three for {pm}?",
        "What {n} did {p} have after two changes?",
        "Third in line: what {n} did {p} have?",
        "In the history of {ps} {n}, what stood third?",
        "what {n} did {p} have third",
    ),
    "fourth": (
        "What was {ps} fourth {n}?", "Three changes in, what was {ps} {n}?", "Which {n} was number four for {pm}?",
        "Fourth in line: what {n} did {p} have?",
    ),
    "two_ago": (
        "What was {ps} {n} two changes ago?", "What was {ps} last {n} but two?", "Counting back from today, which {n} was two before the current one?",
        "Go back two changes: what was {ps} {n}?", "What {n} did {p} have before the previous one?",
    ),
    "two_before": (
        "What was {ps} {n} two changes before {a}?", "Two steps before {a}, what {n} did {p} have?", "Before the one that {a} replaced, what was {ps} {n}?",
    ),
    "two_after": (
        "What was {ps} {n} two changes after {a}?", "Two steps on from {a}, what {n} did {p} have?", "What took the place of the {n} that followed {a} for {pm}?",
    ),
    "between": (
        "What {n} did {p} have between {a} and {b}?", "What was {ps} {n} after {a} and before {b}?", "In between {a} and {b}, what did {p} have as {n}?",
        "{a} came earlier, {b} came later: what {n} did {p} have in the middle?", "On the way from {a} to {b}, what was {ps} {n} for a time?",
    ),
    "order": (
        "Which {n} was earlier for {pm}, {a} or {b}?", "Of {a} and {b}, which was {ps} {n} first?", "Was {a} or {b} the older {n} of {pm}?",
        "Which came sooner as {ps} {n}, {b} or {a}?",
    ),
    "order_later": (
        "{a} and {b}: which of the two was the later {n} for {pm}?", "Which {n} came later for {pm}, {a} or {b}?", "Of {b} and {a}, which was {ps} {n} more recently?",
        "Was {b} or {a} the newer {n} of {pm}?",
    ),
    "ever": (
        "Has {ps} {n} ever been {a}?", "Did {p} have {a} as {n} at any time?", "Was there a time when {ps} {n} was {a}?", "Is it true that {p} once had {a} for a {n}?",
    ),
    "still": (
        "{do} {p} still have {a} as {n}?", "Is {a} still {ps} {n}?", "Is it still {a} for {ps} {n}, or something else?", "Has {p} moved on from {a} as {n}, and to what?",
    ),
    "who_had": (
        "Who had {a} as {n}?", "Whose {n} was {a}?", "Which of us had {a} for a {n}?", "Somebody's {n} was {a}. Whose?", "To whom did {a} belong as {n}?",
    ),
    "who_has": (
        "Whose {n} is {a} today?", "Who currently has {a} as {n}?", "Who ended up with {a} for the {n}?", "With whom did {a} stay as {n} till the end?",
    ),
    "who_first": (
        "Who had {a} as {n} first, {p} or {q}?", "{q} or {p}, who was quicker to have {a} as {n}?", "Both {p} and {q} had {a} as {n} once. Who was earlier?",
        "Did {p} or {q} come first to {a} as {n}?",
    ),
    "common": (
        "Which {n} have {p} and {q} both had?", "What {n} do {q} and {p} have in common?", "Is there a {n} that was {ps} and also had by {q}? Which?",
    ),
    "all": (
        "Name every {n} {p} ever had.", "List {ps} choices of {n} from start to end.", "What has {ps} {n} been over time?", "Which values did {ps} {n} go through?",
        "How did {ps} {n} develop?",
    ),
    "changes": (
        "How many times did {p} change the {n}?", "How often did {ps} {n} change?", "What number of changes did {ps} {n} go through?", "Count the changes of {ps} {n}.",
    ),
    "declined": (
        "Which {n} did {p} turn down?", "What was offered to {pm} as {n} and refused?", "What did {p} say no to in the matter of {n}?", "Which {n} was considered by {pm} and rejected?",
    ),
    "planned": (
        "Which {n} {do} {p} dream of for later?", "What might {ps} {n} be one day?", "What {n} {do} {p} only have in mind so far?", "Which {n} is just a plan for {pm}?",
    ),
    "reason": (
        "Why did {p} go for {a} as {n}?", "What made {pm} take {a} as {n}?", "For what reason did {ps} {n} become {a}?", "What was behind {ps} choice of {a} as {n}?",
    ),
    "return": (
        "Which {n} did {p} return to?", "What {n} did {p} take up for a second time?", "Which old {n} came back for {pm}?", "To which {n} did {p} go back?",
    ),
    "speaker": (
        "Who told the others that {ps} {n} was {a}?", "From whom do we know that {p} had {a} as {n}?", "Who brought the news of {ps} {n} being {a}?",
        "Who spoke about {ps} {n} being {a}?",
    ),
    "asked": (
        "What did {p} answer when {q} asked about the {n}?", "How did {p} reply to the question about the {n}?", "{q} wanted to know {ps} {n}. What was the answer?",
        "When asked for the {n}, what did {p} say?",
    ),
    "meanwhile": (
        "What was {ps} {n} when {q} changed to {b}?", "At the time {q} went for {b}, what {n} did {p} have?", "When {q} took {b}, what did {p} have as {n}?",
        "{q} had just got {b}. What was {ps} {n} at that point?",
    ),
    "meanwhile_after": (
        "After {q} went for {b}, which {n} did {p} take next?", "What was the next {n} for {pm} once {q} had {b}?", "{q} got {b}. What did {p} change {their} {n} to after that?",
    ),
    "date.on": (
        "What was {ps} {n} on {d}?", "On {d}, what {n} did {p} have?", "Which {n} was it for {pm} as of {d}?", "Going by what was known on {d}, what was {ps} {n}?",
    ),
    "date.after": (
        "What was the first {n} {p} took after {d}?", "After {d}, what did {ps} {n} become?", "Which {n} did {p} change to next after {d}?",
    ),
    "date.month": (
        "Which {n} did {p} get in {d}?", "What did {ps} {n} become in {d}?", "In {d}, what did {p} take as {n}?", "The {n} that {p} went for in {d}, which was it?",
    ),
    "date.when": (
        "When did {p} take {a} as {n}?", "Since when was {ps} {n} {a}?", "On what date did {ps} {n} become {a}?", "When was it that {p} went for {a} as {n}?",
    ),
    "event": (
        "What was {ps} {n} when {e}?",
        "Around the day {e}, what was {ps} {n}?",
        "{e}: what did {p} have as {n} then?",
        "What did {p} still have as {n} when {e}?",
        "When {e}, what was the {n} {p} had?",
        "What {n} did {p} have at the time {e}?",
        "At the point when {e}, what was {ps} {n}?",
        "What {n} did {p} have around the time {e}?",
    ),
    "after_event": (
        "What was the first {n} {p} took after {e}?",
        "After {e}, what did {p} change {their} {n} to?",
        "Which {n} did {p} turn to once {e}?",
        "What did {ps} {n} become once {e}?",
        "Since {e}, what was the first {n} that was new for {pm}?",
        "What was the next change to {ps} {n} after {e}?",
    ),
    "retracted": (
        "Which {n} did {p} name by mistake?",
        "What was said about {ps} {n} in error?",
        "Which {n} was never true for {pm}, though it was said?",
        "What did {p} first claim {their} {n} was, before taking it back?",
        "Which {n} mentioned for {pm} turned out to be wrong?",
        "What wrong {n} was given for {pm} and then corrected?",
    ),
}  # fmt: skip

ACT_ASKS: dict[str, tuple[str, ...]] = {
    "first": (
        "{w} did {p} {act} at first?", "{w} did {p} {act} originally?", "before anything changed, {w} did {p} {act}?", "{w} did {p} {act} in the beginning?",
        "at the outset, {w} did {p} {act}?",
    ),
    "latest": (
        "{w} {do} {p} {act} these days?", "{w} {do} {p} {act} at present?", "as things stand, {w} {do} {p} {act}?", "{w} {do} {p} currently {act}?",
        "{w} {do} {p} {act}, going by the latest news?",
    ),
    "second": ("{w} did {p} {act} after the first change?", "{w} did {p} {act} second?", "one change in, {w} did {p} {act}?"),
    "third": ("{w} did {p} {act} after the second change?", "{w} did {p} {act} third?", "two changes in, {w} did {p} {act}?"),
    "fourth": ("{w} did {p} {act} after the third change?", "three changes in, {w} did {p} {act}?"),
    "before_latest": (
        "{w} did {p} {act} before the latest change?", "{w} did {p} {act} until recently?", "{w} did {p} {act} one change ago?",
        "not today but just before, {w} did {p} {act}?",
    ),
    "two_ago": ("{w} did {p} {act} two changes ago?", "go back two changes: {w} did {p} {act}?"),
    "previous": (
        "{w} did {p} {act} before {a}?", "{w} did {p} {act} until {a} came along?", "prior to {a}, {w} did {p} {act}?", "{w} did {p} {act} right before {a}?",
        "{a} was not the first. {w} did {p} {act} immediately before?",
    ),
    "next": (
        "{w} did {p} {act} after {a}?", "once it was no longer {a}, {w} did {p} {act}?", "{w} did {p} {act} next, after {a}?", "following {a}, {w} did {p} {act}?",
        "{a} did not last. {w} did {p} {act} from then on?",
    ),
    "two_before": ("{w} did {p} {act} two changes before {a}?",),
    "two_after": ("{w} did {p} {act} two changes after {a}?",),
    "between": ("{w} did {p} {act} between {a} and {b}?", "{w} did {p} {act} after {a} but before {b}?"),
    "event": ("{w} did {p} {act} when {e}?", "at the time {e}, {w} did {p} {act}?", "{w} did {p} still {act} when {e}?"),
    "meanwhile": ("{w} did {p} {act} when {q} changed to {b}?", "{q} went for {b} one day. {w} did {p} {act} at that time?"),
    "all": ("{w} did {p} {act} over time?", "{w} did {p} {act}, from start to end?"),
    "date.on": ("{w} did {p} {act} on {d}?", "as of {d}, {w} did {p} {act}?"),
}

ASKING = (
    "Quick question: ", "Remind me: ", "For my notes: ", "Hey, do you know this? ", "I can't recall. ", "One more thing. ", "Just checking: ",
    "Help me out here. ", "It's on the tip of my tongue. ", "We talked about it at some point. ", "Question for you: ", "A detail I need: ",
    "Be so kind. ", "Look it up for me, please. ", "I should know this. ", "Asking for a friend: ",
)  # fmt: skip
