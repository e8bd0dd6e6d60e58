"""Wordings for attributes in general. {n} is the attribute's noun, {v} the value, {w} a former or other value."""

STATES = (
    "{my} {n} is {v} these days.",
    "for the record, {my} {n} is {v}.",
    "{Ive} gone with {v} for the {n}.",
    "{I} picked {v} for {my} {n}.",
    "{I} settled on {v} as {my} {n}.",
    "as for {my} {n}, it's {v}.",
    "{v} is {my} {n} as we speak.",
    "at the moment {my} {n} is {v}.",
    "it's official: {v} is {my} {n}.",
    "when it comes to the {n}, {Im} with {v}.",
    "{my} {n}? {v}, of course.",
    "{I} decided that {my} {n} would be {v}.",
    "the {n} question is answered for {me}: {v}.",
    "you can put {v} down as {my} {n}.",
    "{I} made {v} {my} {n}.",
    "{v}. That's {my} {n}, in case anybody asks.",
    "since yesterday {my} {n} has been {v}.",
    "{Im} all about {v} as far as the {n} goes.",
    "and yes, {my} {n} is {v}.",
    "so {my} {n} is {v}, who would have thought.",
)
CHANGES = (
    "{I} switched {my} {n} to {v}.",
    "change of plan about {my} {n}: it's {v}.",
    "update on {my} {n}: {v} it is.",
    "{I} swapped {my} {n}, it's {v} from here on.",
    "{my} {n} turned into {v} in the end.",
    "forget what you knew about {my} {n}. It's {v} today.",
    "{I} ended up changing {my} {n} again, to {v} this time.",
    "news on the {n} front: {v} for {me}.",
    "{I} replaced {my} {n}; say hello to {v}.",
    "things moved on and {my} {n} is {v} at present.",
    "{I} gave up on the old {n} and took {v}.",
    "it looks like {my} {n} is going to stay {v} from today.",
    "{I} went over to {v} in the matter of the {n}.",
    "from this morning {my} {n} is {v}.",
    "new {n} for {me}: {v}.",
    "{I} upgraded, if you can call it that: {my} {n} is {v}.",
    "they made {me} change the {n}, so it's {v}.",
    "there's been another change to {my} {n}, {v} this time.",
    "after a long back and forth {I} took {v} as the {n}.",
    "per the latest, {my} {n} shall be {v}.",
)
REPLACES = (
    "{I} dropped {w} and took {v} as {my} {n}.",
    "{v} instead of {w}, that's {my} new {n}.",
    "goodbye {w}, hello {v}: {my} {n} has changed.",
    "{I} let go of {w}; {my} {n} is {v} from here on.",
    "{w} didn't work out as {my} {n}, so {I} moved on to {v}.",
    "{I} got tired of {w} and made {v} {my} {n}.",
)
REVERTS = (
    "{w} fell through, so {my} {n} is back to {v}.",
    "no luck with {w}. {my} {n} is {v}, as it used to be.",
    "{I} undid the last change of {n}: out with {w}, back to {v}.",
    "{I} gave {w} a try, but {I} went back to {v} for {my} {n}.",
    "turns out {w} was a mistake. {my} {n} is {v} once more.",
    "after all that, {I} returned to {v} as {my} {n}. {w} is history.",
    "{w} lasted a week. {my} {n} is right back to {v}.",
)
CORRECTS = (
    "scratch that, {my} {n} is {v}, not {w}.",
    "sorry, wrong word, not {w}. {my} {n} is {v}.",
    "wait, {I} mixed that up. {v}, not {w}, is {my} {n}.",
    "correction: {my} {n} was never {w}, it's {v}.",
    "hang on, {I} said {w} but meant {v} for {my} {n}.",
    "strike what {I} said about {w}. {my} {n} is {v}.",
)
REPORTS = (
    "{r} told me: {x}",
    "I ran into {r} and heard that {x}",
    "according to {r}, {x}",
    "did you hear? {x}",
    "I talked to {r} yesterday. {x}",
    "word is that {x}",
)
PROMPTS = (
    "any news on your {n}?",
    "what's your {n} these days?",
    "and the {n}, what is it at the moment?",
    "remind me, your {n}?",
    "did you figure out the {n}?",
    "what did you do about the {n}?",
)
BARE = (
    "{v}.",
    "{v}, at least for the time being.",
    "It's {v}.",
    "{v}, believe it or not.",
    "Oh, {v} by now.",
    "That would be {v}.",
    "{v}, and I'm happy with it.",
)
DECLINES = (
    "someone pushed {v} on {me} as a {n}, {I} turned it down.",
    "{I} had a look at {v} for the {n} and passed.",
    "people keep telling {me} to take {v} as {my} {n}. Not happening.",
    "{I} will never have {v} as {my} {n}.",
    "{I} toyed with the idea of {v} for the {n}. The thought has passed.",
    "{I} would rather have no {n} at all than {v}.",
    "for about a minute {I} thought of {v} as {my} {n}. No.",
    "they offered {me} {v} as a {n} and {I} declined.",
    "{v} as a {n}? {I} shook {my} head.",
    "{I} nearly took {v} as the {n}, then {I} came to {my} senses.",
    "{I} told them to keep {v}, {I} don't want it as a {n}.",
    "a salesman praised {v} as a {n}, {I} shut the door.",
)
PLANS = (
    "maybe one day {my} {n} will be {v}, who knows.",
    "if money were no object, {my} {n} might be {v}. But it isn't.",
    "{I} might think about {v} as a {n} when {Im} old.",
    "at some point {I} may try {v} as the {n}, just not yet.",
    "{my} wish list says {v} under {n}.",
    "should {I} ever win the lottery, {my} {n} would be {v}.",
    "there's talk of {v} for {my} {n} in the far future.",
    "{I} promised {myself} {v} as a {n} for next decade.",
)
DECOYS = (
    "{my} uncle never stops praising {v} as a {n}.",
    "{I} dreamt that {my} {n} was {v}. Just a dream, luckily.",
    "an advert for {v} came on. As if {I} needed another {n}.",
    "{my} neighbour's {n} is {v}, poor thing.",
    "{my} colleague has {v} for a {n} and won't stop talking about it.",
    "somebody on TV had {v} as a {n}, {I} laughed so hard.",
    "{my} grandmother's {n} used to be {v} in the sixties, {I} saw a photo.",
    "{my} boss has {v} as a {n}, so {I} hear{s} about it daily.",
    "{I} read an article about {v}. Apparently that's the {n} of the year.",
    "people think {my} {n} is {v}. Where they get that from, no idea.",
    "{my} sister would go for {v} as a {n} any time.",
)
DECOY_QUESTIONS = (
    "have you ever thought of {v} as a {n}?",
    "what do you all think of {v} as a {n}?",
    "would {v} be any good as a {n}?",
    "does anybody here know {v}? I mean for the {n}.",
)
ACKNOWLEDGES = (
    "Good for you.", "Really? How come?", "Okay, noted.", "Huh, I didn't see that coming.", "Nice one.", "Oh, wow.",
    "Fair enough.", "Sounds sensible to me.", "Again? You can't be serious.", "Ha, typical.", "Right, I'll remember that.",
    "Interesting choice.", "Let me know how it goes.", "I'd have done the same.", "About time.", "And are you happy with it?",
)  # fmt: skip
CLOSERS = (
    " Long overdue.", " Let's see how it goes.", " Wish me luck.", " Can't complain.", " So there.", " No regrets so far.", " That's that.",
    " Who would have guessed?", " I'm over the moon.", " It'll do.", " Don't laugh.", " End of story.", " Not that it matters.", " Fingers crossed.",
)  # fmt: skip
REASONS = (
    "The old one had become too expensive.", "My sister talked me into it.", "There was a discount.", "I was bored.", "A friend works there.",
    "The reviews were glowing.", "It saves me an hour a day.", "I lost a bet.", "The doctor thought it wise.", "My knees made me do it.", "I flipped a coin.",
    "I needed something simpler.", "The kids begged for it.", "It came with a free umbrella.", "I could not stand the noise any more.", "It was closer to the station.",
    "A stranger on the bus convinced me.", "I had a voucher to use up.", "The contract had run out.", "I read about it in a magazine.", "My horoscope said so.",
    "I wanted to impress somebody.", "Nothing else was available.", "I fell for the packaging.", "The weather decided for me.", "My budget said so.",
)  # fmt: skip
OPENERS = (
    "by the way, ", "oh, and ", "so, ", "btw, ", "quick update: ", "guess what, ", "before I forget, ", "listen, ", "anyway, ",
    "funny story, ", "just so you know, ", "also, ", "you know what? ", "hey, ", "small thing: ", "well, ",
)  # fmt: skip

EVENTS = (
    ("the boiler burst", "the boiler burst tonight, water everywhere."), ("the power went out", "the power went out on our whole street just now."),
    ("the dog ran away", "the dog ran away this afternoon, we're all out looking."), ("the elections were held", "the elections were held today, long queues."),
    ("the old oak fell", "the old oak fell on the fence in the storm."), ("the twins were born", "the twins were born at four o'clock!"),
    ("the bridge closed", "the bridge closed today, what a detour."), ("the first snow came", "the first snow came overnight."),
    ("the bakery reopened", "the bakery reopened today, free rolls for everyone."), ("the train strike began", "the train strike began this morning."),
    ("grandma turned ninety", "grandma turned ninety today."), ("the laptop got stolen", "the laptop got stolen from the lobby."),
    ("the roof leaked", "the roof leaked all night."), ("the festival opened", "the festival opened tonight, you can hear it from here."),
    ("the eclipse happened", "the eclipse happened at noon, so eerie."), ("the school play took place", "the school play took place today."),
    ("the neighbours moved out", "the neighbours moved out today."), ("the river flooded", "the river flooded the lower meadows."),
    ("the lift got stuck", "the lift got stuck with me in it."), ("the cup final was played", "the cup final was played tonight, extra time and all."),
    ("the hens arrived", "the hens arrived, all six of them."), ("the museum burned", "the museum burned last night, so sad."),
    ("the new mayor was sworn in", "the new mayor was sworn in today."), ("the heatwave started", "the heatwave started, 36 degrees already."),
    ("the cinema shut down", "the cinema shut down for good today."), ("the car failed its inspection", "the car failed its inspection."),
    ("the pipes froze", "the pipes froze this morning."), ("the marathon was run", "the marathon was run past our door today."),
    ("the fire alarm went off", "the fire alarm went off in the middle of lunch."), ("the orchard blossomed", "the orchard blossomed over night."),
)  # fmt: skip
