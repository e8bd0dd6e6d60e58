"""Bare replies: where, who, when, how long, how much, how many, why, which colour, yes or no; more in reply_tables_more."""

from __future__ import annotations

from . import items
from .reply_table import ReplyTable, table
from .reply_tables_more import MORE

REPLIES: tuple[ReplyTable, ...] = (
    table(
        "where", items.THINGS,
        """Any idea where your {t} has got to?
        I was looking for your {t} yesterday. Where do you keep it?
        Somebody wants to borrow your {t}, where can I find it?
        Where on earth is your {t} at the moment?
        Did you find room for the {t} after all?
        You never told me where the {t} went.
        What did you do with your {t}? I don't see it anywhere.
        I don't see your {t} anywhere.
        Is your {t} still standing in the hall?
        So where does the {t} live these days?""",
        """I finally found a place for my {t}.
        I had to hide my {t} from the kids.
        My {t} takes up so much space, I had to move it.
        Great news, my {t} has turned up.
        I got my {t} out of the way at last.""",
        """Oh? Where?
        And where did that end up?
        Where is it, then?
        Do tell. Where?""",
        """behind the wardrobe|in the attic|in the boot of my car|under the bed|on top of the fridge|in the boiler room|
        in the loft|by the back door|at my aunt's|next to the washing machine|in the bottom drawer|in the guest room|
        out on the terrace|in the barn|behind the water tank|in a storage unit|at the office|down in the cellar|
        in the airing cupboard|in the hallway|above the sink|under the workbench|at my cousin's farm|in the pantry|
        in the blue chest|on the landing|inside the window seat|in my locker|over the fireplace|at the repair shop|
        beneath the porch|in the spare tyre well|between the bins|on the window sill|in the laundry room""",
        """{v}.
        {v}, if memory serves.
        Should be {v}.
        {v}, where else?
        Last I saw it, {v}.
        {v}. Long story.
        Oh, {v}, unless someone moved it.
        Have a look {v}.
        Check {v}.
        {v} till I have time to sort it out.
        Still {v}.
        You'd find it {v}.""",
        """Where {do} {p} keep the {t}?
        In what place did {p} put the {t}?
        Where can {ps} {t} be found?
        Where did {ps} {t} end up?
        Where should somebody look for {ps} {t}?
        What is the whereabouts of {ps} {t}?
        Where did {p} tell {o} that the {t} was?
        Where {have} {p} stored the {t}?
        In which spot is {ps} {t}?
        where's {ps} {t}""",
    ),
    table(
        "who", items.THINGS,
        """Who gave you that {t}?
        Nice {t}! Whose idea was it?
        Did you get the {t} repaired by somebody?
        Who are you lending the {t} to?
        I heard someone broke your {t}. Who?
        Who's going to look after your {t} while you're gone?
        You couldn't have fixed the {t} yourself, could you?
        Who ended up taking the {t}?
        Someone must have carried your {t} up here. Who?""",
        """Someone wants my {t}, can you guess who?
        I found the person who borrowed my {t}.
        I finally know who scratched my {t}.
        The {t} has a new keeper.""",
        """Let me guess... no, I give up.
        Who is it?
        Who then?
        Come on, tell me.""",
        """my aunt|the postman|my landlady|a colleague|my godfather|the twins|my dance instructor|our vicar|my hairdresser|
        the new intern|my mother-in-law|a cousin of mine|the caretaker|my nephew|the lady from upstairs|my flatmate|
        our football coach|my grandmother|the guy from the bakery|my goddaughter|a stranger off the internet|the librarian|
        my physio|the mechanic|my stepbrother|a volunteer from church|my uncle|the girl next door|my old headmistress|the vet""",
        """{v}.
        {v}, to everyone's surprise.
        That was {v}.
        {v}, of all people.
        {v}, bless them.
        {v}, who else.
        I'm fairly sure it was {v}.
        It turned out to be {v}.
        Oh, {v}.""",
        """Who was it that had to do with {ps} {t}?
        Which person was involved with {ps} {t}?
        Who did {p} name when the {t} came up?
        Whom did {p} mention in connection with the {t}?
        As to {ps} {t}, who was it?
        Who is the person behind {ps} {t}?
        Which person did {p} mean about the {t}?
        Name the person {p} told {o} about in the matter of the {t}.
        {ps} {t}: who had a part in it?
        About the {t}: who did {p} say it was?""",
    ),
    table(
        "when", items.OCCASIONS,
        """When is your {t}, by the way?
        Have you got a date for the {t}?
        Did they tell you when the {t} starts?
        How soon is the {t}?
        I'd love to come to the {t}, when is it?
        Is the {t} over already?
        Don't tell me I missed your {t}.
        What time should I be there for the {t}?
        So, the {t}, has it been scheduled?""",
        """We've got a date for the {t} at last.
        They postponed the {t}.
        The {t} has been moved again.
        I got the confirmation for the {t} in the post.""",
        """Oh good, when?
        And when will that be?
        To when?
        When do I need to be there?""",
        """at noon|at half past six|in a fortnight|on the 21st|the day after tomorrow|in early autumn|on New Year's Eve|
        around Easter|at sunrise|the first Sunday of May|in three weeks|tomorrow at eight|right after the holidays|
        some time in October|next Saturday|at ten sharp|on the 30th|at the end of term|once the exams are over|
        on my birthday|just before Christmas|in mid August|at quarter to nine|the week after next|on Midsummer's Day|
        on the 12th|in the second week of January|on Sunday at four""",
        """{v}.
        {v}, if nothing comes up.
        {v}, they said.
        {v}, not before.
        {v}, put it in your calendar.
        Supposedly {v}.
        {v}. I can hardly wait.
        Should be {v}.
        {v}, as always.""",
        """When is {ps} {t}?
        When does {ps} {t} take place?
        For when is {ps} {t} planned?
        At what time is {ps} {t}?
        What's the time set for {ps} {t}?
        When did {p} say the {t} would be?
        What did {p} tell {o} about the timing of the {t}?
        When was {ps} {t} supposed to happen?
        when is the {t} {p} talked about""",
    ),
    table(
        "how long", items.UNDERTAKINGS,
        """How long did the {t} take you?
        Was the {t} quick at least?
        I hope the {t} didn't drag on?
        You must be tired after the {t}. Was it long?
        And the {t}, how long are we talking about?
        Did the {t} eat up your whole day?
        How much time did you lose with the {t}?""",
        """I'm through with the {t}, finally.
        I timed the {t}, out of curiosity.
        You won't believe how the {t} dragged on.""",
        """How long was it?
        How long?
        So how many hours?""",
        """twenty minutes|six hours|a good hour and a half|the whole night|ten minutes flat|four days|almost a week|
        three quarters of an hour|two and a half hours|nine months|a fortnight|an eternity, five hours|eleven hours|
        ninety seconds|half the day|eight weeks|barely five minutes|thirteen hours|a full year|three evenings""",
        """{v}.
        {v}, start to finish.
        Roughly {v}.
        {v}, I swear.
        {v}, give or take.
        {v}. Never again.
        {v}, much to my surprise.
        No more than {v}.""",
        """How long did {ps} {t} last?
        How much time did {p} spend on the {t}?
        What was the duration of {ps} {t}?
        How long was {p} busy with the {t}?
        For what length of time did {ps} {t} go on?
        How long did {p} say the {t} had been?
        how long did the {t} take {pm}""",
    ),
    table(
        "how much", items.THINGS,
        """What did you pay for the {t}?
        How much was the {t}, if I may ask?
        That {t} must have been pricey.
        Did you get a good deal on the {t}?
        I'm thinking of getting a {t} as well. What would I have to spend?
        How much did you get for the old {t}?
        What's the damage for the {t}?""",
        """I found out what my {t} is worth.
        I finally paid for my {t}.
        The bill for my {t} arrived.""",
        """How much?
        And? How bad is it?
        Go on, what's the figure?""",
        "|".join(items.PRICES),
        """{v}.
        {v}, delivery included.
        {v}, no kidding.
        {v}, after some haggling.
        Only {v}.
        {v} and worth every penny.
        {v}, plus a beer.
        {v}. Don't tell anyone.""",
        """How much money was {ps} {t}?
        What price did {p} give for the {t}?
        What sum was paid for {ps} {t}?
        How pricey was {ps} {t}?
        For how much did {ps} {t} go?
        What amount did {p} mention for the {t}?
        What figure did {p} tell {o} for the {t}?
        how much for {ps} {t}""",
    ),
    table(
        "how many", items.PLURALS,
        """How many {t} do you need in the end?
        Did you get enough {t}?
        So how many {t} did you order?
        Are there any {t} left?
        I could bring {t}, how many?
        Have you counted the {t} yet?""",
        """I counted the {t} twice.
        I've been buying {t} like mad.
        The {t} arrived today.""",
        """How many are there?
        And how many is that?
        What's the number?""",
        "seven|a dozen|thirty-two|about fifty|a hundred and twenty|just three|eighteen|ninety-six|sixty|forty-one|"
        "fifteen|nine|twenty-four|eighty-eight|eleven|four|three hundred|thirteen|twenty-seven|five",
        """{v}.
        {v}, to be exact.
        {v}, and not one more.
        {v}, last time I counted.
        {v}. That should do.
        Let's say {v}.
        {v} in total.""",
        """How many {t} did {p} have in mind?
        What number of {t} did {p} give?
        How many {t} are there according to {pm}?
        What quantity of {t} did {p} mention?
        About {t}: how many did {p} say?
        how many {t} was it for {pm}""",
    ),
    table(
        "why", items.OCCASIONS,
        """Why didn't you show up at the {t}?
        How come you skipped the {t}?
        I heard you're not going to the {t}?
        What made you leave the {t} so early?
        Everyone asked about you at the {t}. What happened?
        What's your excuse for missing the {t}?""",
        """I had to cancel the {t}.
        I won't make it to the {t}.
        I nearly cried at the {t}.""",
        """Oh no, why?
        How come?
        What happened?""",
        """my back gave out|the babysitter was ill|I lost my voice|I had the wrong address|my train broke down|
        I overslept|they ran out of tickets|my cat was in surgery|I forgot all about it|the car wouldn't start|
        I had food poisoning|it was far too loud|my shoes fell apart|I got locked in|I was stuck in a lift|
        my ex was there|I had a fever|the invitation got lost|I broke a tooth|a pipe had burst in the kitchen""",
        """{v}.
        Well, {v}.
        Because {v}.
        {v}, I'm sorry to say.
        You won't believe it, {v}.
        {v}, simple as that.
        Honestly? {v}.""",
        """What was {ps} reason about the {t}?
        Why did things with the {t} go that way for {pm}?
        What explanation did {p} give for the {t}?
        What kept {pm} from the {t}?
        How did {p} explain the matter of the {t}?
        What was the reason {p} told {o} concerning the {t}?
        What got between {pm} and the {t}?""",
    ),
    table(
        "colour", items.COLOURED,
        """What colour did you go for with the {t}?
        Is the {t} still that awful brown?
        Which shade did you pick for the {t}?
        How does the {t} look after the makeover?
        I can't picture the {t}. What colour?
        Have you decided on the {t}?""",
        """I repainted the {t}, well, sort of.
        You should see the new {t}.
        I had the {t} done in another shade.""",
        """What colour is it?
        Which colour?
        Ooh, what shade?""",
        "crimson|turquoise|bottle green|pale yellow|lilac|beige|midnight blue|orange|ivory|plum|scarlet|mint|bright pink|"
        "olive|cream|sky blue|rust|golden|purple with dots|black and white stripes|peach|emerald|ochre|maroon",
        """{v}.
        {v}, all over.
        {v}, very classy.
        {v}, my favourite.
        A sort of {v}.
        {v}, I couldn't resist.
        {v} this time.
        What else but {v}?""",
        """What colour is {ps} {t}?
        What colour did {p} choose for the {t}?
        Which shade did {ps} {t} get?
        How is {ps} {t} coloured?
        In what colour is the {t} {p} talked about?
        What colour did {p} say the {t} had?
        what colour for {ps} {t}""",
    ),
    table(
        "yes", items.OCCASIONS,
        """Are you coming to the {t}?
        Will I see you at the {t}?
        Can you give a hand with the {t}?
        You'll be at the {t}, won't you?
        Is the {t} still on?
        Would you take photos at the {t}?
        You don't sound thrilled about the {t}. Will you go?""",
        """I was asked whether I'd go to the {t}.
        They want me to speak at the {t}.
        I got an invitation to the {t}.""",
        """Will you?
        And, yes or no?
        So what did you answer?""",
        """no, I'm abroad that week|yes, but only for an hour|sure, I'll bring a cake|no, too many people for me|
        yes, if my knee allows it|no, I'm on call|certainly, I even bought a hat|no chance, I have guests|
        yes, with the whole family|probably not, I'm broke|of course, I promised mum|not this year, I'm worn out|
        yes, somebody has to drive|no, my visa ran out|yes, I'm on the list|not if it's going to rain|
        definitely, I love that sort of thing|no, we had a falling out""",
        """{v}.
        {v}!
        Hm, {v}.
        Ah well, {v}.""",
        """What was {ps} answer about the {t}?
        Did {p} agree to the {t}, and on what grounds?
        How did {p} respond regarding the {t}?
        What did {p} reply to {o} about the {t}?
        {am} {p} in for the {t}?
        What is {ps} stance on the {t}?""",
    ),
    *MORE,
)

ANOTHER = ("And another thing: ", "Second question: ", "While I'm at it: ", "Besides that, something else. ", "Next one. ", "Oh, and then this: ")
IN_ORDER = (
    ("To your first question: {r}", "On the former: {r}", "As to the first: {r}", "First things first. {r}", "For number one: {r}"),
    ("To your second question: {r}", "On the latter: {r}", "As to the other one: {r}", "And for number two: {r}", "The second is easy. {r}"),
)  # fmt: skip
ANYTHING = (
    "What did {p} reply when asked about the {t}?", "How did {p} answer on the subject of the {t}?", "What did {p} have to say regarding the {t}?",
    "The {t} came up. What was {ps} response?", "What do we know from {pm} about the {t}?", "{ps} words on the {t}?",
)  # fmt: skip
BETWEEN = (
    ("Hm, let me think.", "No hurry."), ("Hold on, someone's at the door.", "Sure."), ("Wait, I have to think.",),
    ("Sorry, could you say that again? The line is bad.", "Sure, I asked you something a moment ago."), ("Good question.",),
    ("Ha, funny you should ask.", "Why is that?"), ("Umm.", "Well?"), ("One second, the kettle.", "Fine, I'm not going anywhere."),
    ("Give me a moment.",), ("Why do you want to know?", "Just curious."), ("You really want to hear that?", "I do.",),
)  # fmt: skip

OPTION_OPENERS = (
    "For the {t} we could go with {a}, {b} or {c}.",
    "About the {n} for your {t}: {a}, {b} or {c}?",
    "Here's what's left in terms of {n} for the {t}: {a}, {b}, {c}.",
    "You have three choices of {n} for the {t}. There's {a}, there's {b} and there's {c}.",
    "Regarding the {t}, which {n} would you like, {a}, {b} or {c}?",
    "I wrote down a few ideas for the {n} at your {t}: {a}, {b}, maybe {c}.",
    "{a}, {b}, or {c}. One of those has to be the {n} for the {t}.",
)
OPTION_PICKS = (
    ("The first one, please.", "The first.", "First of the three.", "The one you said first.", "Number one, no contest.",
     "I like the first better than the others."),
    ("The second one.", "Number two.", "The middle one, definitely.", "The one in the middle.", "The second, please.",
     "I'd say number two."),
    ("The last one.", "The third, I think.", "Number three, easily.", "The last one you named.", "Third option for me.",
     "The one you mentioned last."),
)  # fmt: skip
OPTION_QUESTIONS = (
    "Which {n} did {p} choose for the {t}?",
    "What {n} did {p} want for the {t}?",
    "What did {p} pick as {n} for the {t}?",
    "Which {n} is it going to be at {ps} {t}?",
    "What was {ps} choice of {n} for the {t}?",
    "what {n} for {ps} {t}",
    "Out of all ideas about {n} for the {t}, which one did {p} take?",
    "Which {n} won {pm} over for the {t}?",
    "With which {n} did {p} go for the {t}?",
)
