"""What is said around statements and questions of any wording, and what happens meanwhile."""

from __future__ import annotations

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
ASKING = (
    "Quick question: ", "Remind me: ", "For my notes: ", "Hey, do you know this? ", "I can't recall. ", "One more thing. ", "Just checking: ",
    "Help me out here. ", "It's on the tip of my tongue. ", "We talked about it at some point. ", "Question for you: ", "A detail I need: ",
    "Be so kind. ", "Look it up for me, please. ", "I should know this. ", "Asking for a friend: ",
)  # fmt: skip
