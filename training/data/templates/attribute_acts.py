"""How to ask for an attribute without its noun: "where did she train", as (question word, verb phrase)."""

from __future__ import annotations

_TABLE = """
gym: where: train | bank: where: keep the savings | phone: what: make calls with | car: what: drive | dog food brand: what: feed the dog
breakfast: what: eat in the morning | favourite tea: what: brew in the pot | coffee order: what: order at the counter
wall colour: in which colour: paint the bedroom | hair colour: in which colour: dye the hair | laptop: what: type on
text editor: in what: write the code | browser: with what: surf | project language: in what: program | database: where: store the tables
team lead: who: report to | meeting room: where: hold the stand-up | parking space: where: leave the wheels | desk: where: sit at the office
choir: with whom: sing | instrument: what: play | favourite band: who: listen to | bedtime book: what: read in bed
streaming service: where: watch series | board game of choice: what: bring to game night | sport: what: do for exercise
running partner: with whom: run | alarm time: when: get up | commute: how: get to work | diet: how: eat
holiday destination: where: mean to spend the holidays | hotel: where: intend to stay the night | airline: with whom: fly
thesis topic: what: write the thesis about | supervisor: to whom: send the drafts | crop in the greenhouse: what: grow under glass
pet name of the kitten: what: call the kitten | baby name: what: want to call the baby | wedding venue: where: want to get married
birthday cake: what: want with the candles on | costume: as what: dress up | team mascot: which animal: put on the jerseys
company name: what: call the firm | slogan: which words: print on the banner | logo shape: what: put on the letterhead
font: in what: set the texts | launch day: when: plan to ship | paper deadline: by when: have to hand in | budget: how much: have to spend
marathon goal: how fast: hope to run | coach: under whom: train | roommate: with whom: share the flat | glasses frame: what: wear on the nose
camera: with what: take pictures | internet provider: from whom: get the internet | electricity supplier: from whom: buy the power
lunch spot: where: eat at noon | perfume: what: smell of | chess opening: how: open at the board | podcast theme: what: talk about on the podcast
yoga style: what: practise on the mat | guild role: as what: queue for the raid | locker: where: leave the gym bag
charity: to whom: give money | neighbourhood: where: live | street: where: have the name plate | heating: with what: keep the house warm
bed: on what: sleep | house plant: what: keep on the sill | pet: which animal: keep at home | babysitter: with whom: leave the kids
hairdresser: where: get a haircut | grocery shop: where: do the weekly shop | pillow filling: what: have under the head at night
sleep remedy: how: get to sleep | physiotherapist: to whom: go with the bad knee | knee brace: with what: walk | swim stroke: how: swim
dance style: what: dance | craft: what: make by hand | video game: what: play on the console | radio station: what: wake up to
bike: what: pedal | weekend spot: where: go at the end of the week | season ticket: whom: cheer for | soup of the week: what: have on the stove
sourdough flour: of what: bake the bread | pizza order: what: get delivered | card game: what: play at the club
cheese on the sandwich: what: put between the slices | department: where: work in the company | work base: from where: work
shift: when: work | main client: for whom: work most | company car colour: in which colour: drive around | backup tool: with what: copy the disk
chat app: where: chat | e-mail provider: where: get mail | operating system: what: boot into | cloud host: where: run the servers
major: what: study | dorm: where: live on campus | kids' school: where: send the kids | recital piece: what: rehearse at the keyboard
position on the pitch: as what: play | scout rank: as what: serve with the scouts | belt: what: tie round the waist
travel companion: with whom: travel | train connection: which train: want to catch | flight seat: where: sit on the plane
gate: from where: fly out | camp pitch: where: put up camp | museum exhibit: what: look after at the museum | part in the play: whom: play on stage
opponent in the final: against whom: play next | paint brand: whose paint: use | car insurance: with whom: insure the car
newspaper: what: read over breakfast | dialect coach: with whom: take lessons | language on the app: what: learn with the app
weekly market stall: where: stand on market day | rehearsal room: where: make music | supplier of coffee beans: from whom: buy the beans
password manager: where: keep the logins
"""


def _acts() -> dict[str, tuple[str, str]]:
    entries = (entry.split(": ") for line in _TABLE.strip().splitlines() for entry in line.split(" | "))
    return {noun.strip(): (word, verb.strip()) for noun, word, verb in entries}


ACTS = _acts()
"""By an attribute's first noun."""
