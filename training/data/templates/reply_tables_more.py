"""More bare replies: how often, with whom, whence, what for, how it went, which kind, what age, how far, what next."""

from __future__ import annotations

from . import items
from .reply_table import ReplyTable, table

MORE: tuple[ReplyTable, ...] = (
    table(
        "how often", items.ROUTINES,
        """How regular are you with the {t}?
        Do you still do the {t}?
        I admire you for the {t}. Is that a daily thing?
        The {t}, is that something you keep up?
        I never see you do the {t}.
        Is the {t} a fixed part of your week?""",
        """I'm back at the {t}.
        I made up my mind about the {t}.
        I've found a rhythm for the {t}.""",
        """How regularly?
        And how many times a week would that be?
        Meaning?""",
        """every other day|twice per quarter|once in a blue moon|every morning|on odd days only|three times a week|hardly ever|
        each full moon|four times a year|almost hourly|only in winter|whenever it rains|once a fortnight|on holidays alone|
        six days out of seven|at most twice a year|every third evening""",
        """{v}.
        {v}, if I'm honest.
        Oh, {v}.
        {v}, more or less.
        I'd say {v}.
        {v}. I wish it were different.""",
        """How often {do} {p} do the {t}?
        What is the frequency of {ps} {t}?
        How regularly {do} {p} get round to the {t}?
        What did {p} say about how often the {t} happens?
        At what intervals does {ps} {t} take place?""",
    ),
    table(
        "with whom", items.OCCASIONS,
        """You aren't going to the {t} by yourself, are you?
        Is anybody joining you at the {t}?
        Have you found company for the {t}?
        Somebody has to sit beside you at the {t}.
        I take it you have a partner for the {t}?
        Don't tell me you'll go to the {t} alone.""",
        """I won't have to go to the {t} alone.
        Great, I've got somebody to come along to the {t}.
        Guess who is my plus one for the {t}.""",
        """Who is the lucky one?
        Do I know the person?
        Spill it.""",
        """my optician's receptionist|a girl from pottery|my twin|the bass player|an exchange student|grandad|half the rowing crew|
        my ex, of all people|the new trainee|my penfriend|the man with the parrot|two schoolmates|my godmother|the cellist|
        someone from the allotments|my stepmother|our lodger|the goalie""",
        """{v}.
        {v} said yes.
        {v} will.
        {v}, would you believe.
        I'm bringing {v}.
        It'll be {v} and me.""",
        """Who will {p} take to the {t}?
        With whom {am} {p} going to the {t}?
        Who accompanies {pm} to the {t}?
        Who is {ps} company at the {t}?
        Which person joins {pm} for the {t}?""",
    ),
    table(
        "whence", items.THINGS,
        """That {t} wasn't here the last time. How did you come by it?
        Lovely {t}! Is it from a shop?
        I'd love a {t} like that. Any tips?
        Where does a person get such a {t}?
        Your {t} looks imported.
        You can't buy a {t} like this round here, can you?""",
        """Look at my {t}, it came a long way.
        I got hold of a {t} at last.
        You'll never guess how I came by this {t}.""",
        """From where?
        Go on, where does it come from?
        So, what's its story?""",
        """from a convent sale|out of a skip|from a catalogue|off a passing lorry|from Reykjavik|out of my grandfather's estate|
        from an online auction|from a street vendor in Hanoi|from a closing-down sale|out of a raffle|from the lost property office|
        off a barge|from a swap meet|from a film set|through the classified ads|straight from the factory|from a village fair""",
        """{v}.
        I got it {v}.
        {v}, you won't believe it.
        It's {v}, in fact.
        {v}, and for next to nothing.
        Oh, that's {v}.""",
        """How did {p} come by the {t}?
        Where did {p} get the {t}?
        What is the origin of {ps} {t}?
        From what source does {ps} {t} come?
        What did {p} tell {o} about where the {t} is from?""",
    ),
    table(
        "what for", items.THINGS,
        """What on earth do you need a {t} for?
        I saw you buy another {t}. Is there a plan?
        A {t}? You?
        Why is there a {t} in the middle of the room?
        I wonder what use you have for that {t}.""",
        """I have a plan for the {t}.
        I borrowed a {t}, it's for something special.
        Don't throw the {t} away, I'm going to use it.""",
        """For what?
        And that would be?
        I'm listening.""",
        """to scare the pigeons|for a puppet theatre|to prop up the shelf|as a birthday surprise|for the scout camp|to practise on|
        as a doorstop|for a music video|to teach the kids patience|for the museum corner|as a sort of landmark in the yard|
        to trade it for a goat|for when the in-laws visit|to win a bet|for spare parts|to block the draught""",
        """{v}.
        {v}, what else.
        Well, {v}.
        {v}. Don't judge.
        It's {v}.
        Mostly {v}.""",
        """What {do} {p} need the {t} for?
        What is the purpose of {ps} {t}?
        What {do} {p} mean to do with the {t}?
        To what end did {p} get the {t}?
        What use {do} {p} have for the {t}?""",
    ),
    table(
        "how was", items.OCCASIONS,
        """So, the {t}. Worth it?
        You look tired. Was it the {t}?
        I missed the {t}. Did I miss much?
        Are you still thinking of the {t}?
        Give me one sentence on the {t}.
        I've been dying to hear your verdict on the {t}.""",
        """I'm just back from the {t}.
        I survived the {t}.
        Well, the {t} is over.""",
        """And? How did you like it?
        Thumbs up or down?
        So how did it go?""",
        """dull as ditchwater|better than expected|a complete disaster|magical|far too loud|so-so|a bit chaotic but fun|the best in years|
        overcrowded|surprisingly moving|much too short|a waste of an evening|hilarious|cold and damp|over before it began|a triumph""",
        """{v}.
        {v}, frankly.
        It was {v}.
        In a word, {v}.
        Hm, {v}.
        {v}, if you ask me.""",
        """What did {p} think of the {t}?
        How did {p} find the {t}?
        How was the {t} in {ps} view?
        What is {ps} verdict on the {t}?
        Did {p} enjoy the {t}?
        What impression did {p} get of the {t}?""",
    ),
    table(
        "how old", items.THINGS,
        """That {t} has seen better days.
        Is your {t} an antique?
        I bet your {t} belongs in a museum.
        They don't make a {t} like yours any more. What year?
        Your {t} creaks, do you know that?""",
        """I read the label on my {t}, it has a date.
        I had my {t} looked at by an expert.
        My {t} has an anniversary.""",
        """So what's its age?
        How old, then?
        Which is?""",
        """from before the war|barely six months|a hundred and ten years|twenty-two years|brand new|from the seventies|two generations old|
        about my age|eleven years in June|from 1934|older than the house|a decade at least|not even a week|mid-eighties, I'd guess""",
        """{v}.
        {v}, they say.
        It's {v}.
        {v}, give or take.
        If the label is right, {v}.""",
        """How old is {ps} {t}?
        What is the age of the {t} that {p} {have}?
        From what time does {ps} {t} date?
        What did {p} say the age of the {t} was?""",
    ),
    table(
        "what next", items.UNDERTAKINGS,
        """And once the {t} is behind you?
        Imagine the {t} is done. Then what?
        I bet you can't wait for the {t} to be over.
        Are you going to treat yourself after the {t}?
        What's the plan following the {t}?""",
        """I know what comes after the {t}.
        The {t} is nearly done, and I have plans.""",
        """What plans?
        Let's hear.
        Which are?""",
        """a long bath|two days of sleep|straight to the airport|pancakes for everyone|sorting receipts|a game of darts|packing for Peru|
        a visit to mum|nothing at all|shopping for curtains|learning to whistle|the next one, I suppose|cleaning the aquarium|a massage""",
        """{v}.
        {v}, that's all.
        I picture {v}.
        Then it's {v}.
        {v}, can't wait.""",
        """What will {p} do after the {t}?
        What comes next for {pm} when the {t} is over?
        What {am} {p} looking forward to after the {t}?
        What did {p} have planned for the time after the {t}?""",
    ),
    table(
        "how far along", items.UNDERTAKINGS,
        """Any progress with the {t}?
        Is the {t} going anywhere?
        Are you stuck with the {t}?
        Don't let me disturb you. How's the {t} coming on?
        I hope the {t} isn't stalling.""",
        """I'm in the middle of the {t}.
        There's progress with the {t}.""",
        """How much of it is done?
        How far are you?
        Nearly there?""",
        """a third of the way|just the last bit missing|not even begun|right in the middle|ninety percent there|all over again from square one|
        one step from the end|waiting for the paperwork|two thirds through|stuck since noon|a quarter done, at best|at the very last hurdle""",
        """{v}.
        {v}, I'm afraid.
        Hm, {v}.
        Well, {v}.
        I'd call it {v}.""",
        """How far has {p} got with the {t}?
        What is the state of {ps} {t}?
        What progress has {p} made on the {t}?
        At what stage is {ps} {t}?""",
    ),
    table(
        "which size", items.COLOURED,
        """The {t} you ordered, will it fit?
        What measurements did you give them for the {t}?
        I could bring a {t} along. Yours is how big?
        Did you measure before you bought the {t}?""",
        """I measured for the {t}.
        I had to send the {t} back and get another.""",
        """What size?
        And how big is it?""",
        """extra large|ninety by one-ninety|two metres flat|a child's size|one metre ten|as small as they come|six feet by four|medium|
        oversized|half a metre|the widest they had|thirty inches|one size fits all""",
        """{v}.
        {v}, I hope that's right.
        It says {v}.
        {v}, to be safe.
        I took {v}.""",
        """What size is {ps} {t}?
        How big is the {t} that {p} got?
        Which measurements did {p} give for the {t}?
        What dimensions does {ps} {t} have?""",
    ),
    table(
        "no or yes", items.THINGS,
        """Can I borrow your {t}?
        Would you mind lending me the {t}?
        Does your {t} still work?
        Is your {t} for sale?
        Could the {t} be fixed, do you think?
        Shall we throw your {t} out?""",
        """They want to take my {t} away.
        Somebody made me an offer for the {t}.
        My aunt wants the {t} back.""",
        """Will you let them?
        And, will you agree?
        What did you say to that?""",
        """not over my dead body|sure, keep it a week|only if you oil it|sorry, promised to someone else|fine by me, it's in the way|
        yes, but it squeaks|no, it has sentimental value|with pleasure|ask me again in spring|not before it's been cleaned|
        yes, for a crate of beer|absolutely not, it's cursed|take it and never return it|alas, one part is missing""",
        """{v}.
        {v}!
        Well, {v}.
        Look, {v}.
        {v}, okay?""",
        """What was {ps} answer concerning the {t}?
        How did {p} react to the request about the {t}?
        What did {p} reply about the {t}?
        Did {p} say yes or no about the {t}, and in what words?
        What did {o} hear from {pm} about the {t}?""",
    ),
)  # fmt: skip
