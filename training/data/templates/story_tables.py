"""Stories whose topic stands only in the opening turn; later turns say "it", "there", "they".

{topic} is "my wedding" in the mouth of its owner and "Mira's wedding" for others. A detail is a line of
`turn | question | question...` with [value/value] as the part that varies and answers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detail:
    before: str
    values: tuple[str, ...]
    after: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    topics: tuple[str, ...]
    details: tuple[Detail, ...]


def _story(topics: str, details: str) -> Story:
    return Story(tuple(topic.strip() for topic in topics.split("|")), tuple(map(_detail, details.strip().splitlines())))


def _detail(line: str) -> Detail:
    turn, *questions = (part.strip() for part in line.split("|"))
    before, rest = turn.split("[")
    values, after = rest.split("]")
    return Detail(before, tuple(values.split("/")), after, tuple(questions))


OPENERS = (
    "So about {topic}.", "I have to tell you about {topic}.", "Let me tell you how things are with {topic}.",
    "You asked about {topic} the other day.", "I keep thinking of {topic}.", "Did I ever tell you about {topic}?",
    "I promised to report on {topic}.", "There is something to say about {topic}.", "Okay, {topic}. Sit down for this.",
    "Speaking of which, {topic} deserves a word.", "I wrote a long diary page about {topic} today.", "Where do I begin with {topic}?",
    "Everybody wants to hear about {topic}, so here goes.", "Next subject: {topic}.", "{topic}, oh my.",
)  # fmt: skip
RESUMES = (
    "Back to {topic}.", "Where was I? Oh yes, {topic}.", "Anyway, {topic} again.", "To finish what I said about {topic}.",
    "One more thing on {topic}.", "I wasn't done with {topic}.", "Can we return to {topic} for a second?",
    "That reminds me of {topic} again.", "But let me come back to {topic}.", "Right, {topic}, I nearly forgot the rest.",
)  # fmt: skip
ASKED_OPENERS = (
    "How are things with {topic}?", "You haven't said a word about {topic} yet.", "So, what about {topic}?", "Now tell me everything about {topic}.",
    "I'm dying to hear about {topic}.", "And {topic}?", "You were telling me about {topic}.",
)  # fmt: skip
NODS = (
    "No way.", "And then?", "Go on.", "Oh dear.", "You're kidding.", "I can imagine.", "Hm, and?", "What else?", "That's quite something.",
    "Seriously?", "Poor you.", "Lovely.", "I would have laughed.", "Right.", "Mhm.", "Tell me more.", "Oh!", "I had no idea.",
)  # fmt: skip

STORIES = (
    _story("wedding|garden party|anniversary|silver jubilee|house-warming|birthday bash|school reunion|name day|graduation do|barbecue|engagement|goodbye party", """
        It rained [the whole day/until noon/only during the speeches/sideways/for two hours]. | What was the weather like at {topic}? | How long did it rain at {topic}?
        There was [a fire-eater/a magician/a brass quintet/a harpist/a stand-up comic/a tango couple] to entertain everyone. | Who entertained the people at {topic}? | What entertainment was there at {topic}?
        They served [roast duck/paella/dumplings/fish tacos/lasagne/raclette/pulled pork] and I ate far too much. | What food was served at {topic}? | What did people eat at {topic}? | What was on the plates at {topic}?
        About [thirty/ninety/two hundred/fifteen/sixty-five] people turned up. | How many people came to {topic}? | How big was the crowd at {topic}? | What was the number of guests at {topic}?
        Somebody [knocked over the cake/fell into the pond/set a napkin on fire/broke the big window/fainted/lost the keys in the punch]. | What went wrong at {topic}? | What accident happened at {topic}?
        The last ones left at [two/half past three/midnight/dawn/four]. | When did {topic} end? | How late did it get at {topic}?
        We danced to [swing/old disco/polka/reggae/country/bossa nova] till our feet hurt. | What music was played at {topic}? | What did people dance to at {topic}?
        The speech was given by [the grandmother/the best man/a former headmaster/the mayor/a tipsy uncle], and everyone cried. | Who gave the speech at {topic}? | Whose words moved people to tears at {topic}?
        It was held [in a barn/on a river boat/in the fire station/under a circus roof/in the church hall], of all places. | Where was {topic} held? | What was the location of {topic}?"""),
    _story("trip to Corsica|week in Iceland|trip to Ghent|journey to Patagonia|weekend in Cork|holiday in Crete|tour of Jordan|trip to Tasmania|cruise to Bergen|cycling tour of Holland|stay in Quebec|trip to Samarkand|pilgrimage to Santiago", """
        We slept in [a lighthouse/a hostel/a monastery/somebody's caravan/a treehouse/a houseboat]. | What was the accommodation on {topic}? | Where did people sleep on {topic}?
        My [camera/left shoe/wallet/sunglasses/phone/earring] got lost on the second day. | What got lost on {topic}? | Which belonging disappeared during {topic}?
        The best thing was [the waterfalls/the night sky/the fish soup/the old library/the hot springs/the market]. | What was the best part of {topic}? | What was the highlight of {topic}?
        We got around by [rental car/mule/bus/train/hitchhiking/moped]. | How did they get around on {topic}? | What was the means of transport on {topic}?
        It was [boiling hot/freezing/foggy/windy/mild/stormy] all the time. | What was the weather on {topic}? | What kind of weather did {topic} bring?
        We were gone for [nine days/eleven days/three weeks/four nights/a month and a half]. | How long did {topic} take? | What was the length of {topic}?
        All of us got [sunburnt/food poisoning/a cold/seasick/mosquito bites]. | What ailment did they catch on {topic}? | How did health suffer during {topic}?
        We met [a retired sailor/a beekeeper/two geologists/a famous singer/a monk], and stayed friends. | Who did they meet on {topic}? | What new acquaintance came out of {topic}?
        I would go again, but only [in spring/without the kids/with a guide/for a shorter time/in better shoes]. | Under what condition would {topic} be repeated? | What should be different if {topic} were done again?"""),
    _story("old sailing boat|vintage van|stone cottage|tree nursery|attic conversion|kitchen renovation|hot-air balloon|garden pond|treehouse|robot|pottery kiln|bread oven|allotment", """
        It needs [a new roof/fresh varnish/forty screws/better insulation/a proper engine/a permit] before winter. | What does {topic} still need? | What is missing at {topic}?
        I paid [four thousand/nine hundred/sixteen thousand/barely a hundred/two and a half thousand] for the lot. | How much money went into {topic}? | What was paid for {topic}?
        [A retired carpenter/My stepfather/A crane driver from the docks/The neighbour's daughter/An architecture student] lends a hand with it. | Who gives a hand with {topic}? | Which helper works on {topic}?
        We found [a bundle of letters/a wasp nest/an old coin/a cat with kittens/dry rot/a hidden hatch] in it. | What was found in {topic}? | What discovery did {topic} hold?
        It should be done by [Easter/midsummer/September/the end of the year/the school holidays]. | When should {topic} be finished? | By when is {topic} to be done?
        The inspector said it was [a death trap/a little gem/surprisingly solid/beyond repair/above standard]. | What did the inspector say about {topic}? | What was the expert verdict on {topic}?
        We painted it [bright yellow/dark green/sky blue/brick red/plain white]. | What colour was {topic} painted? | Which paint was used for {topic}?
        I named it [Dolly/Esmeralda/The Beast/Grey Lady/Hope/Gertrude]. | What name was given to {topic}? | What is {topic} called?
        The worst part was [the wiring/the plumbing/the paperwork/the smell/the digging]. | What was hardest about {topic}? | Which part of {topic} was the worst?"""),
    _story("puppy|parrot|rescue cat|tortoise|pony|ferret|goat|hamster|goose|rabbit|llama|hedgehog|greyhound", """
        Such a character, always chewing on [cables/slippers/the broom/newspapers/the table leg]. | What does {topic} chew on? | What does {topic} gnaw at?
        The vet says the weight should be [two kilos/nine kilos/thirty kilos/six hundred grams/fourteen kilos] by now. | How much should {topic} weigh? | What weight did the vet give for {topic}?
        At night the favourite place to sleep is [the laundry basket/the bathtub/my pillow/an old drawer/the window seat]. | Where does {topic} sleep? | What is the sleeping place of {topic}?
        The one big fear is [thunder/balloons/the hoover/men with hats/the doorbell]. | What is {topic} afraid of? | What frightens {topic}?
        We got the little one from [a shelter/a farmer/an ad in the paper/a circus/a friend who emigrated]. | Where did {topic} come from? | What is the origin of {topic}?
        The first trick was [rolling over/fetching the post/opening the fridge/playing dead/shaking hands]. | What trick did {topic} learn first? | What can {topic} do on command?
        Best treat in the world: [carrots/liver paste/mango/cheese rind/dandelions]. | What treat does {topic} love? | What does {topic} like to eat best?
        Last week there was an operation on the [left ear/front paw/tail/eye/jaw]. | What body part of {topic} was operated on? | Where did {topic} have surgery?"""),
    _story("concert at the arena|night at the opera|cup match|play at the town hall|jazz night|film club evening|poetry reading|ice hockey game|circus visit|ballet evening|boxing match|rock festival", """
        Our seats were [behind a pillar/in the front row/right at the back/next to the drummer/in a box]. | Where were the seats at {topic}? | What seats did they have for {topic}?
        It ended [three to one/in a draw/with four encores/in chaos/with fireworks/rather abruptly]. | How did {topic} end? | What was the outcome of {topic}?
        A ticket was [$18/$64/€90/€22/£40/£105]. | How much was a ticket for {topic}? | What did people pay to get into {topic}?
        I went with [my niece/two colleagues/the scouts/my tennis club/my ex]. | With whom did they go to {topic}? | Who came along to {topic}?
        The loudest cheers were for [the understudy/the goalkeeper/a girl of nine/the clown/the conductor]. | Who got the most applause at {topic}? | For whom did they cheer at {topic}?
        It started [forty minutes late/a bit early/at ten at night/with a power cut/without the star]. | How did {topic} start? | What was odd about the beginning of {topic}?
        In the break we had [pretzels/warm champagne/nachos/ice cream/mulled wine]. | What did they have in the break of {topic}? | What snack was there at {topic}?
        The critics called it [tedious/a triumph/charming/loud nonsense/the event of the year]. | What did the critics say about {topic}? | How was {topic} reviewed?"""),
    _story("dinner at Gallo's|lunch at the harbour grill|tasting at Chez Paul|meal at the Blue Lotus|brunch at Mill House|dinner at Taj Palace|supper at the Golden Goose|pizza night at Luigi's", """
        I had [the sea bass/a mushroom risotto/lamb chops/the set menu/beef stew/an aubergine curry], and it was divine. | What dish was eaten at {topic}? | What was ordered at {topic}?
        The waiter [spilled soup on me/sang for us/forgot the wine/spoke only Greek/knew my mother]. | What did the waiter do at {topic}? | What happened with the waiter at {topic}?
        We paid [eighty-five/a hundred and forty/thirty-two/two hundred and ten/nothing at all] in the end. | What was the bill for {topic}? | How much did they pay for {topic}?
        Our table was [by the kitchen door/on the roof/next to a stag party/under a palm/in the wine cellar]. | Where was the table at {topic}? | At what table did they sit for {topic}?
        For dessert there was [fig tart/crème brûlée/mango sorbet/bread pudding/a cheese trolley]. | What was the dessert at {topic}? | Which sweet dish came at {topic}?
        We celebrated [my promotion/dad's recovery/the new flat/ten years of friendship/the end of exams]. | What was celebrated with {topic}? | What was the occasion of {topic}?
        I'd give it [two stars/five stars/six out of ten/nine out of ten/a straight ten]. | What rating did {topic} get? | How was {topic} rated?"""),
    _story("driving test|viva|audition|language exam|scholarship interview|sailing licence check|citizenship test|black belt grading|casting|bar exam|licence renewal", """
        I was nervous because of [the parallel parking/the long corridor/my new shoes/the five examiners/a sleepless night]. | What made {topic} frightening? | Why were there nerves at {topic}?
        They asked about [roundabouts/the French Revolution/my weaknesses/subordinate clauses/first aid/budgeting]. | What was asked at {topic}? | What subject came up at {topic}?
        The examiner was [a former marine/younger than me/half asleep/terribly kind/an old schoolmate]. | What was the examiner like at {topic}? | Who examined at {topic}?
        The result was [a narrow pass/a clear fail/ninety-one percent/full marks/put off by a month]. | What was the result of {topic}? | How did {topic} turn out?
        I practised for it [every night/only on the bus/for eleven weeks/with a tutor/hardly at all]. | How was {topic} prepared? | How much practice went into {topic}?
        It took [twelve minutes/three hours/all day/half an hour/fifty minutes]. | How long was {topic}? | What time did {topic} take up?
        Afterwards I [slept for ten hours/bought a huge cake/cried in the car/called mum/went straight to the beach]. | What was done after {topic}? | How was {topic} followed up?"""),
    _story("new neighbour Greta|new neighbour Lorenzo|trainee at work, Milo|great-aunt Agatha|harp tutor, Mrs Vogel|landlord, Mr Hobbs|pen pal Akira|cousin Rosalind|tailor, Mr Bianchi|godson Teddy|opponent in the final, Zelda", """
        What a person: collects [beer mats/meteorites/puppets/tin soldiers/antique maps/bottle caps]. | What does {topic} collect? | What collection does {topic} have?
        Grew up in [Peru/Norway/a lighthouse/Ghana/a circus/Malta], imagine that. | Where did {topic} grow up? | What is the childhood home of {topic}?
        Never leaves the house without [a whistle/gloves/a harmonica/two umbrellas/a thermos]. | What does {topic} always carry? | Without what does {topic} never go out?
        Speaks [five languages/fluent Welsh/with a lisp/only in rhymes/hardly a word]. | How does {topic} speak? | What is special about the speech of {topic}?
        Used to work as [a clown/a diver/a judge/a stunt double/a butcher]. | What did {topic} do for a living once? | What was the former occupation of {topic}?
        Can't stand [garlic/whistling/cats/cold soup/small children]. | What can {topic} not stand? | What does {topic} dislike?
        Turns [forty/sixty-six/ninety-three/nineteen/fifty-eight] this summer. | How old will {topic} be? | What age is {topic} about to reach?
        Drives [a hearse/a moped/a red tractor/an old ambulance/a Beetle]. | What does {topic} drive? | What vehicle does {topic} have?"""),
    _story("novel|memoir|exhibition|short film|thesis|podcast series|cookbook project|blog|song cycle|documentary|comic strip|radio play", """
        It is about [twin sisters/a failed heist/salt mines/a blind detective/moths/the last postman]. | What is {topic} about? | What's the subject of {topic}?
        It has [three hundred pages/nine parts/two endings/forty-four scenes/no plot at all]. | How is {topic} built? | How long or large is {topic}?
        [A small press/A gallery owner/The university/An uncle with money/A radio station] wants to bring it out. | Who wants to publish {topic}? | Who is interested in {topic}?
        The hardest thing was [the title/the ending/the funding/cutting it down/the footnotes]. | What was the hardest thing about {topic}? | Which difficulty did {topic} pose?
        It took [six years/eight weeks/one long winter/a decade/a single night] to make. | How long did it take to make {topic}? | How much time went into {topic}?
        It is dedicated to [a dead dog/the night nurses/grandfather/nobody/a stranger on a train]. | To whom is {topic} dedicated? | Who gets the dedication of {topic}?
        The first review said [masterful/too long/pure joy/oddly moving/a waste of paper]. | What did the first review say about {topic}? | How was {topic} received?"""),
    _story("car breakdown|burglary|lost luggage affair|flooded cellar|bike accident|broken elevator business|stolen wallet story|fire in the kitchen|fall from the ladder|mix-up at the airport", """
        It happened [at three in the night/on the motorway/in front of the school/during dinner/in broad daylight]. | When or where did {topic} happen? | Under what circumstances did {topic} come about?
        The first to turn up was [a nun/the fire brigade/a police trainee/my old rival/a dog walker]. | Who came first in {topic}? | Who turned up to help in {topic}?
        The damage is [four hundred/two thousand/thirty/ten thousand/not worth mentioning], they say. | What was the damage of {topic}? | How costly was {topic}?
        The cause was [a loose wire/a forgotten candle/a mouse/black ice/pure stupidity]. | What caused {topic}? | What was behind {topic}?
        I got away with [a bruise/a broken wrist/a fright/wet socks/a cut lip]. | What injury came from {topic}? | What was the harm done in {topic}?
        The insurance [pays everything/refuses to pay/wants photos/has not replied/pays half]. | What does the insurance do about {topic}? | How did the insurer react to {topic}?
        In the end it was solved by [a locksmith/a phone call/a neighbour's rope/duct tape/sheer luck]. | How was {topic} solved? | What or who resolved {topic}?"""),
)

ERRANDS = (
    ("I was at {shop} this morning.", "Did they have a {thing}?", "They did. I bought it there for {price}."),
    ("I passed {shop} on my way home.", "Isn't that where you wanted to look for a {thing}?", "Yes, and I got it for {price}."),
    ("My {thing} gave up the ghost.", "You could try {shop}.", "I have been there already, they let me have one for {price}."),
    ("We need a {thing} before the weekend is over.", "There's always {shop}.", "Done, it was {price} there."),
    ("Have you been to {shop} lately?", "Yes, they have a {thing} in the window.", "I know, I just paid {price} for it."),
    ("I finally found a {thing}.", "Was it at {shop}, by any chance?", "It was, and they only charged me {price}."),
    ("There's a sale on at {shop}.", "Are you going for the {thing}?", "Already in my hands, {price} and it was mine."),
    ("Remember the {thing} I was dreaming of?", "The one at {shop}?", "That's the one. They took {price} for it."),
)
ERRAND_QUESTIONS = {
    "price": ("How much did {p} spend on the {thing}?", "What was the price {p} paid for the {thing}?", "For how much did {p} get the {thing}?",
              "What did {p} give for the {thing}?", "How much money did {p} leave at {shop}?"),
    "thing": ("What did {p} buy at {shop}?", "Which purchase did {p} make at {shop}?", "What did {p} bring home from {shop}?"),
    "shop": ("Where did {p} buy the {thing}?", "In which shop did {p} get the {thing}?", "At what place was the {thing} bought by {pm}?"),
}  # fmt: skip
SAME_PLACES = (
    ("I put the {one} {place}.", "The {two} went to the same place."),
    ("The {one} is {place}, just so you know.", "And the {two} is right beside it."),
    ("From today the {one} stays {place}.", "Same spot for the {two}, by the way."),
    ("I store the {one} {place} over the winter.", "The {two} joined it there."),
    ("You'll find the {one} {place}.", "The {two} too, it's in there with it."),
)
SAME_PLACE_QUESTIONS = (
    "Where {do} {p} keep the {two}?", "Where did {p} put the {two}?", "In what place is {ps} {two}?", "Where should one look for {ps} {two}?",
)  # fmt: skip
