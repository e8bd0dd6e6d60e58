"""Small talk that fills the gaps when no background conversations are given."""

SMALL_TALK = (
    "How has your week been so far?", "Not too bad, a bit hectic. Yours?", "Same here, I could sleep for days.",
    "Have you seen the weather? It keeps changing every hour.", "I took an umbrella and of course it stayed dry.",
    "That always happens to me too.", "Did you watch anything good lately?", "Only an old comedy, I laughed a lot though.",
    "Comedies are the best after a long day.", "I read that octopuses have three hearts.", "Three? That seems a little greedy.",
    "Nature does what it wants, I suppose.", "Do you believe people will ever live on Mars?", "Maybe a few scientists, with a lot of canned food.",
    "I would miss the trees too much.", "True, and the birds in the morning.", "The traffic was terrible again today.",
    "They have been digging up that road for ages.", "I wonder if they will ever finish.", "What do you like to do when it rains?",
    "Mostly soup and a blanket, to be honest.", "That sounds perfect to me.", "I have been meaning to cook more.",
    "Start with something simple, like lentils.", "I always burn the onions.", "Low heat, that is the whole secret.",
    "Thanks, I will give it a go.", "Do you follow any sports?", "I only watch when everybody else does.",
    "Fair, the snacks are the best part anyway.", "Sometimes I think about learning to juggle.", "It takes an hour, then it is like riding a horse.",
    "I have never been on a horse in my life.", "Nor have I, I just say things.", "That made me laugh out loud.",
    "Good, we all need that now and then.", "Is it me or do the days get shorter?", "They do, and my patience with them.",
    "Have a biscuit, it helps.", "I wish I could, we are all out.", "Well, tomorrow is another day.", "Let us hope so!",
)  # fmt: skip
