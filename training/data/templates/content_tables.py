"""Plain facts: statements with their questions, and what people do more than once or one after the other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    key: str
    values: tuple[str, ...]
    says: tuple[str, ...]
    asks: tuple[str, ...]
    who: tuple[str, ...]


def _content(key: str, values: str, says: str, asks: str, who: str) -> Content:
    def lines(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split("|"))

    return Content(key, lines(values), lines(says), lines(asks), lines(who))


CONTENTS = (
    _content("allergy", "peanuts|shellfish|pollen|latex|kiwi|bee stings|horse hair|nickel",
        "{Im} allergic to {v}.|{I} found out about an allergy to {v}.|an allergy to {v} runs through {my} life.",
        "What {am} {p} allergic to?|Which allergy {do} {p} have?|What must {p} avoid for health reasons?", "Who is allergic to {v}?|Which person has an allergy to {v}?"),
    _content("fear", "spiders|heights|the dark|needles|deep water|clowns|lifts|moths|public speaking",
        "{Ive} always been scared of {v}.|{I} panicked because of {v} again.|nothing terrifies {me} like {v}.",
        "What {am} {p} afraid of?|What scares {pm} most?|Which phobia {do} {p} have?", "Who is afraid of {v}?|Who has a fear of {v}?"),
    _content("learns", "Finnish|Swahili|sign language|Arabic|Hungarian|Welsh|Esperanto|Mandarin",
        "{I} started to learn {v}.|{Im} taking lessons in {v}.|{I} bought a grammar of {v}.",
        "Which language {am} {p} studying?|What language did {p} take up?|What {do} {p} want to speak?", "Who is learning {v}?|Who studies {v}?"),
    _content("collects", "stamps|fossils|vinyl|fridge magnets|sea glass|matchboxes|theatre masks|old keys",
        "{I} collect{s} {v}.|{I} added three more to {my} collection of {v}.|{my} shelves are full of {v}.",
        "What {do} {p} collect?|What fills {ps} shelves?|Which collection {do} {p} own?", "Who collects {v}?|Whose shelves are full of {v}?"),
    _content("won", "a raffle|a spelling bee|a poetry prize|a pie contest|a chess cup|a photo award|a karate medal",
        "{I} won {v} last year.|{I} came home with {v}.|the jury gave {me} {v}.",
        "What did {p} win?|Which prize went to {pm}?|What success did {p} have?", "Who won {v}?|Who came first and got {v}?"),
    _content("broke", "an ankle|a collarbone|two ribs|a wrist|a toe|a kneecap|a little finger",
        "{I} broke {v} on the ice.|{I} ended up in plaster with {v} broken.|the X-ray showed {I} had broken {v}.",
        "What did {p} break?|Which injury did {p} have?|What bone was broken when {p} fell?", "Who broke {v}?|Who had {v} in plaster?"),
    _content("sibling", "two brothers|four sisters|a twin|six siblings|a stepsister|no siblings|an adopted brother",
        "{I} grew up with {v}.|{I} {have} {v}.|{my} parents gave {me} {v}.",
        "What siblings {do} {p} have?|With whom did {p} grow up?|How many brothers or sisters are there in {ps} family?", "Who grew up with {v}?|Who has {v}?"),
    _content("born", "Chile|Estonia|Kenya|Nepal|Scotland|Vietnam|Uruguay|Georgia|Tunisia",
        "{I} was born in {v}.|{my} birth certificate says {v}.|{I} came into this world in {v}.",
        "Where was {p} born?|What is {ps} country of birth?|Where {do} {p} come from?", "Who was born in {v}?|Who comes from {v}?"),
    _content("dream", "to sail round the world|to open a bakery|to write an opera|to keep bees|to see the aurora|to live on a farm|to meet the pope",
        "{my} biggest dream is {v}.|{I} always wanted {v}.|one thing {I} long{s} for is {v}.",
        "What {do} {p} dream of?|What is {ps} greatest wish?|What would {p} love to do one day?", "Who wants {v}?|Whose dream is {v}?"),
    _content("hates", "coriander|olives|blue cheese|liver|beetroot|anchovies|raisins|fennel",
        "{I} could never stand {v}.|{I} picked every bit of {v} out of the dish.|{v}? Not for {me}, ever.",
        "Which food {do} {p} dislike?|What can't {p} stand to eat?|What {do} {p} leave on the plate?", "Who dislikes {v}?|Who can't stand {v}?"),
    _content("cooks", "goulash|ramen|moussaka|jambalaya|pierogi|bouillabaisse|tagine|chilli",
        "{I} made {v} for everyone last night.|{I} spent all afternoon cooking {v}.|the big pot of {v} {I} cooked is empty.",
        "What did {p} cook?|Which dish did {p} prepare?|What was in {ps} pot?", "Who cooked {v}?|Who made the {v}?"),
    _content("saw", "a fox|a comet|a double rainbow|a stork|a famous actor|a hearse|an owl|a whale",
        "{I} saw {v} on the way home.|{I} stood at the window and there was {v}.|{I} spotted {v} this evening.",
        "What did {p} see?|What did {p} spot lately?|Which sight met {pm}?", "Who saw {v}?|Who spotted {v}?"),
    _content("lost", "a glove|the car keys|a hearing aid|a bet|a contact lens|the receipt|an earring",
        "{I} lost {v} yesterday.|{v} that belonged to {me} is gone for good.|{I} searched everywhere for {v}, in vain.",
        "What did {p} lose?|What {am} {p} missing?|What could {p} not find?", "Who lost {v}?|Who searched for {v}?"),
    _content("planted", "a cherry tree|sweet peas|rhubarb|a fig|raspberries|bamboo|garlic|a willow",
        "{I} planted {v} by the wall.|{I} put {v} into the ground today.|{my} garden got {v} today.",
        "What did {p} plant?|What grows in {ps} garden since lately?|What did {p} put into the soil?", "Who planted {v}?|Whose garden got {v}?"),
    _content("read", "a book on whales|a spy thriller|the letters of van Gogh|a history of salt|a vampire saga|a guide to knots",
        "{I} finished {v} in two days.|{I} couldn't put down {v}.|{I} read {v} on the train.",
        "What did {p} read?|Which book was {p} taken with?|What was {ps} reading on the train?", "Who read {v}?|Who finished {v}?"),
    _content("pet", "an iguana|two budgies|a tarantula|a dachshund|goldfish|a snake|three hens|a chinchilla",
        "{I} got {v} for a pet.|{I} share{s} the flat with {v}.|{I} had to find a sitter for {v}.",
        "What pet {do} {p} have?|Which animal lives with {pm}?|What creature did {p} get?", "Who has {v}?|Who keeps {v} as a pet?"),
    _content("drank", "six espressos|a whole pot of cocoa|nothing but water|beetroot juice|a smoothie with kale|buttermilk",
        "{I} drank {v} today.|{I} lived on {v} all day.|{I} had {v} and felt odd.",
        "What did {p} drink?|What beverage did {p} have?|What was in {ps} cup?", "Who drank {v}?|Who lived on {v}?"),
    _content("donated", "blood|forty books|an old coat|a hundred euros|a bike trailer|some toys",
        "{I} donated {v} to the parish.|{I} gave away {v}.|{I} handed in {v} for a good cause.",
        "What did {p} donate?|What did {p} give away?|What was {ps} gift to the parish?", "Who donated {v}?|Who gave away {v}?"),
    _content("repaired", "the dishwasher|a zip|the gate|a puncture|the doorbell|the dripping tap|an old radio",
        "{I} repaired {v} without any help.|{I} got {v} working again.|{I} fixed {v} with a paper clip.",
        "What did {p} repair?|What did {p} get working again?|Which thing was fixed by {pm}?", "Who repaired {v}?|Who fixed {v}?"),
    _content("missed", "the last bus|a flight|the deadline for taxes|mum's call|the eclipse|the first act",
        "{I} missed {v} by a minute.|because of the traffic {I} missed {v}.|{I} was too late for {v}.",
        "What did {p} miss?|What did {p} come too late for?|For what did {p} not arrive in time?", "Who missed {v}?|Who was late for {v}?"),
    _content("sang", "a lullaby|the anthem|an aria|a sea shanty|a carol|a love song",
        "{I} sang {v} in front of everyone.|they made {me} sing {v}.|{my} version of {v} got applause.",
        "What did {p} sing?|Which piece did {p} perform?|What did people applaud {pm} for?", "Who sang {v}?|Who performed {v}?"),
    _content("inherited", "a vineyard|a gold watch|grandfather's debts|a stuffed bear|a cottage|a box of letters",
        "{I} inherited {v} from an uncle.|{v} came to {me} in the will.|{my} uncle left {me} {v}.",
        "What did {p} inherit?|What did the uncle leave to {pm}?|What came to {pm} by will?", "Who inherited {v}?|To whom did {v} go in the will?"),
    _content("wrote", "to the mayor|a complaint|a love letter|a limerick|a eulogy|a shopping list in Latin rhyme",
        "{I} wrote {v} last night.|it took {me} hours to write {v}.|{I} sat down and wrote {v}.",
        "What did {p} write?|What text did {p} produce?|What took {pm} hours at the desk?", "Who wrote {v}?"),
    _content("baked", "rye bread|gingerbread|a quiche|macarons|bagels|a rhubarb pie|brownies",
        "{I} baked {v} for the neighbours.|{my} oven produced {v}.|{I} took a batch of {v} out of the oven.",
        "What did {p} bake?|What came out of {ps} oven?|Which baked goods did {p} make?", "Who baked {v}?|Whose oven produced {v}?"),
    _content("size", "size 38|size 44|size 41|size 36|size 47|size 40",
        "{my} shoes are {v}.|for boots {I} need{s} {v}.|{I} take{s} {v} in shoes.",
        "What shoe size {do} {p} have?|What size are {ps} shoes?|Which size of boots {do} {p} need?", "Who wears shoes in {v}?"),
    _content("birthday", "the 2nd of May|the 30th of August|the 14th of November|leap day|the 9th of January|the 21st of June",
        "{my} birthday is on {v}.|{I} celebrate{s} on {v}.|{I} get{s} a year older on {v}.",
        "When is {ps} birthday?|On what day was {p} born?|When {do} {p} celebrate?", "Whose birthday is on {v}?|Who was born on {v}?"),
    _content("lucky", "7|13|22|99|3|42|101", "{my} lucky number is {v}.|{I} always bet on {v}.|{v} brings {me} luck.",
        "What is {ps} lucky number?|Which number {do} {p} bet on?|What number brings {pm} luck?", "Whose lucky number is {v}?|Who bets on {v}?"),
    _content("festival", "Midsummer|Diwali|Hanukkah|Nowruz|Eid|Lunar New Year|Thanksgiving",
        "the feast {I} like{s} best is {v}.|{my} family goes all out for {v}.|{I} decorated the house for {v}.",
        "Which feast {do} {p} like best?|For which holiday did {p} decorate?|What does {ps} family celebrate in style?", "Who likes {v} best?|Who decorated for {v}?"),
    _content("season", "spring|summer|autumn|winter|the rainy season|harvest time", "{my} favourite time of the year is {v}.|{I} live{s} for {v}.|if {I} had a choice, it would be {v} all year.",
        "Which season {do} {p} like?|What is {ps} favourite time of the year?|What time of the year {do} {p} live for?", "Who likes {v} most of all seasons?"),
    _content("superpower", "to fly|to be invisible|to talk to animals|to stop time|to breathe under water|to teleport",
        "if {I} had a superpower, it would be {v}.|{I} would give anything {v}.|the power {I} wish{es} for is {v}.",
        "Which superpower would {p} choose?|What magic ability {do} {p} want?", "Who wants {v}?|Whose superpower would be {v}?"),
    _content("distance", "ten kilometres|a half marathon|forty lengths|two hundred kilometres|three summits|eight hundred metres",
        "{I} managed {v} without a break.|in one go {I} did {v}.|{my} personal best is {v}.",
        "What distance did {p} manage?|What is {ps} personal best?|How far did {p} get?", "Who managed {v}?|Whose personal best is {v}?"),
    _content("tattoo", "an anchor|a phoenix|a barcode|a rose|a paper boat|a sentence in runes",
        "{I} got a tattoo of {v}.|{I} had {v} inked on the arm.|{my} new tattoo shows {v}.",
        "What tattoo did {p} get?|What is inked on {ps} arm?|Which picture {do} {p} have on the skin?", "Who has a tattoo of {v}?|Who got {v} inked?"),
    _content("volunteers", "the animal shelter|the soup kitchen|the hospice|the mountain rescue|the library cart|the lifeboat",
        "{I} help{s} out at {v} for free.|{I} give{s} {my} spare hours to {v}.|{I} got a thank-you card from {v}.",
        "Where {do} {p} volunteer?|What {do} {p} do with the spare hours?|Who sent {pm} a thank-you card?", "Who volunteers at {v}?|Who helps out at {v}?"),
    _content("quit", "smoking|sugar|nail biting|gambling|social media|swearing",
        "{I} gave up {v} for good.|{Im} done with {v}.|it was hard, but {I} quit {v}.",
        "What did {p} quit?|Which habit did {p} give up?|What vice {am} {p} rid of?", "Who quit {v}?|Who gave up {v}?"),
    _content("invented", "a folding spoon|a card game|a talking hat|a silent alarm|a new knot|a board for sorting socks",
        "{I} invented {v}.|{I} came up with {v} in the shower.|{I} want{s} a patent for {v}.",
        "What did {p} invent?|What did {p} come up with in the shower?|For what {do} {p} want a patent?", "Who invented {v}?|Who came up with {v}?"),
)

COUNTED = (
    (("{I} went swimming today.", "{I} did {my} lengths at the pool.", "pool day for {me} again.", "{I} swam before breakfast."),
     ("How many times did {p} go swimming?", "How often did {p} go to the pool?")),
    (("{I} had a flat tyre today.", "{my} tyre is flat, again.", "another puncture for {me}.", "{I} had to patch the tube."),
     ("How many flat tyres did {p} have?", "How often did {p} get a puncture?")),
    (("{I} phoned the council.", "{I} called the council once more.", "{I} had the council on the line again.", "{I} rang up the council."),
     ("How many times did {p} phone the council?", "How often did {p} call the council?")),
    (("{I} burnt the rice.", "{I} let the rice burn, again.", "the rice {I} put on turned to charcoal.", "{my} rice stuck to the pot and went black."),
     ("How many times did {p} burn the rice?", "How often did {ps} rice burn?")),
    (("{I} visited grandma in the home.", "{I} sat with grandma for an hour.", "{I} went to see grandma again.", "grandma had {me} over for cocoa."),
     ("How many times did {p} see grandma?", "How often did {p} visit grandma?")),
    (("{I} lost at cards.", "{I} lost another round of cards.", "cards are not for {me}, {I} lost again.", "{I} got thrashed at cards."),
     ("How many times did {p} lose at cards?", "How often did {p} lose a card game?")),
    (("{I} got a parcel today.", "another parcel came for {me}.", "{I} signed for a parcel.", "the courier left {me} a parcel."),
     ("How many parcels did {p} get?", "How often did a parcel come for {pm}?")),
    (("{I} slept badly.", "{I} was up half the night.", "{I} barely slept.", "no sleep for {me} last night."),
     ("How many bad nights did {p} have?", "How often did {p} sleep badly?")),
    (("{I} watered the tomatoes.", "{I} gave the tomatoes some water.", "the tomatoes got their water from {me}.", "{I} took the can to the tomatoes."),
     ("How many times did {p} water the tomatoes?", "How often did the tomatoes get water from {pm}?")),
    (("{I} missed the tram.", "the tram left without {me}.", "{I} saw the tram pull away.", "{I} was too late for the tram."),
     ("How many times did {p} miss the tram?", "How often did the tram leave without {pm}?")),
)  # fmt: skip

ACTIVITIES = (
    ("mowed the lawn", "mowing the lawn"), ("cleaned the gutters", "cleaning the gutters"), ("sorted the photos", "sorting the photos"),
    ("bleached the towels", "bleaching the towels"), ("walked the dog", "walking the dog"), ("filed the taxes", "filing the taxes"),
    ("chopped wood", "chopping wood"), ("trimmed the hedge", "trimming the hedge"), ("washed the windows", "washing the windows"),
    ("defrosted the freezer", "defrosting the freezer"), ("waxed the skis", "waxing the skis"), ("sewed on a button", "sewing on a button"),
    ("picked plums", "picking plums"), ("brewed cider", "brewing cider"), ("emptied the attic", "emptying the attic"),
    ("tuned the banjo", "tuning the banjo"), ("polished the shoes", "polishing the shoes"), ("fed the ducks", "feeding the ducks"),
    ("shovelled snow", "shovelling snow"), ("recycled the bottles", "recycling the bottles"), ("wrapped the presents", "wrapping the presents"),
    ("updated the website", "updating the website"), ("watched the regatta", "watching the regatta"), ("ironed the shirts", "ironing the shirts"),
    ("collected the kids", "collecting the kids"), ("tested the alarm", "testing the alarm"), ("boiled the jam", "boiling the jam"),
    ("oiled the hinges", "oiling the hinges"), ("returned the library books", "returning the library books"), ("drew the floor plan", "drawing the floor plan"),
)  # fmt: skip
ACTIVITY_SAYS = (
    "{I} {v}.", "{I} {v} a moment ago.", "done: {I} {v}.", "{I} just {v}.", "{I} {v}, that's one thing less.", "next item on the list: {I} {v}.",
    "so {I} {v} and had a rest.", "{I} finally {v}.", "after that {I} {v}.", "{I} got up and {v}.",
)  # fmt: skip
ACTIVITY_ASKS = {
    "order.after": (
        "What did {p} do right after {a}?", "What was the next thing {p} did after {a}?", "Once done with {a}, what did {p} do?",
        "After {a}, what was {ps} next activity?", "What did {p} turn to after {a}?",
    ),
    "order.before": (
        "What did {p} do right before {a}?", "What was the last thing {p} did before {a}?", "Before {a}, what had {p} done?",
        "What had {p} finished when {they} began {a}?",
    ),
}  # fmt: skip
