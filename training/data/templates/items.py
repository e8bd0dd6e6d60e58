"""Things that conversations are about, by what can be asked of them."""

THINGS = (
    "kayak|wheelbarrow|sewing machine|record player|ladder|chainsaw|typewriter|rocking chair|chandelier|grandfather clock|"
    "snowboard|surfboard|drone|projector|easel|fish tank|bunk bed|crib|stroller|high chair|bird cage|lawnmower|hedge trimmer|"
    "pressure washer|generator|hammock|sleeping bag|backpack|binoculars|camping stove|cool box|picnic basket|umbrella|"
    "umbrella stand|coat rack|shoe cabinet|mirror|wardrobe|dresser|bedside lamp|floor lamp|armchair|ottoman|coffee table|"
    "dining table|bar stool|bread maker|blender|toaster|waffle iron|wok|pressure cooker|espresso machine|juicer|fondue set|"
    "wine rack|spice rack|cookbook|photo album|stamp collection|coin collection|chess set|jigsaw puzzle|train set|dollhouse|"
    "telephone|radio|router|headset|keyboard|monitor|scanner|webcam|tripod|hard drive|charger|power drill|sander|toolbox|"
    "spirit level|paint roller|workbench|vice|anvil|compass|globe|atlas|barometer|metronome|guitar amp|drum kit|trombone|"
    "bagpipes|mandolin|music stand|leather jacket|raincoat|wedding dress|tuxedo|cowboy hat|hiking boots|ice skates|skis|"
    "sledge|scooter|unicycle|trailer|roof box|snow chains|spare tyre|fishing rod|butterfly net|bow and arrow|dartboard|"
    "pool table|treadmill|rowing machine|yoga mat|kettlebell|boxing gloves|trampoline|inflatable pool|sandpit|treehouse|"
    "greenhouse|compost bin|rain barrel|beehive|bird feeder|scarecrow|sundial|fountain|garden gnome|tapestry|oil painting|"
    "statue|vase|teapot|silver spoons|pocket watch|pearl necklace|brooch|cufflinks|diary|birth certificate|driving licence|"
    "library card|spare key|safe|lunch box|thermos|hot water bottle|heater|fan|dehumidifier|vacuum cleaner|ironing board"
).split("|")

LOOKS = (
    "blue|red|green|new|spare|big|small|broken|second-hand|wooden|fancy|vintage|battered|borrowed|purple|shiny|rusty|foldable"
).split("|")

OCCASIONS = (
    "recital|housewarming|graduation|charity run|book launch|wine tasting|costume ball|company picnic|school fair|"
    "retirement party|christening|engagement party|bake sale|science fair|poetry slam|quiz night|flea market|open day|"
    "photo shoot|dress rehearsal|prize ceremony|barn dance|fire drill|bowling night|regatta|car wash|cookery class|"
    "art auction|film premiere|chess tournament|dog show|harvest festival|family reunion|street party|karaoke night|"
    "stag party|baby shower|flute exam|driving test|naming ceremony|farewell dinner|board meeting|budget review|"
    "kick-off meeting|fundraiser|sleepover|treasure hunt|puppet show|ghost walk|whale watching tour|balloon ride"
).split("|")

PLURALS = (
    "jars of jam|chairs|candles|invitations|balloons|cupcakes|flyers|lanterns|blankets|folding tables|bottles of cider|"
    "bags of soil|strawberry plants|eggs|pumpkins|tiles|light bulbs|postcards|raffle tickets|helium cans|sandwiches|"
    "pizzas|sandbags|paint tins|clay pots|name tags|bus seats|copies of the script|pairs of socks|buttons|masks|"
    "sunflowers|bales of hay|fence posts|napkins|wine glasses|marbles|seashells|old letters|vinyl records"
).split("|")

COLOURED = (
    "front door|fence|scarf|bridesmaid gown|curtain rail|kitchen floor|window frame|pickup truck|umbrella|mailbox|"
    "wallpaper|rug|phone case|bathrobe|tablecloth|rain cape|helmet|cushion|boat|letterbox|bench|bathroom cabinet|"
    "uniform|swimsuit|balloon|prom dress|tie|beanie|birdhouse|trampoline cover|garden gate|playhouse"
).split("|")

UNDERTAKINGS = (
    "drive to the coast|painting work on the porch|puppy training|roof repair|knitting of that jumper|sourdough starter|"
    "visa application|night shift|hike up the ridge|queue at customs|oral exam|tattoo|power cut|choir rehearsal|"
    "ferry crossing|marinade|tyre change|software update|house sale|guided tour|bus ride|flight home|haircut|"
    "opera|oil change|carving of the pumpkin|call with the bank|wait for the locksmith|jury session|ski lesson"
).split("|")

CHOICES = (
    ("paint", ("eggshell", "magnolia", "dove grey", "ivory", "apricot", "moss")),
    ("dessert", ("plum crumble", "panna cotta", "baklava", "apple strudel", "sorbet", "banoffee pie")),
    ("film", ("Vertigo", "Amélie", "Alien", "Casablanca", "Parasite", "Spirited Away", "Jaws")),
    ("song", ("Hey Jude", "Jolene", "Dancing Queen", "Hallelujah", "Imagine", "Respect", "Waterloo")),
    ("starter", ("gazpacho", "bruschetta", "samosas", "miso soup", "stuffed mushrooms", "spring rolls")),
    ("flower", ("peonies", "dahlias", "tulips", "irises", "freesias", "lilies", "ranunculus")),
    ("fabric", ("linen", "corduroy", "velvet", "denim", "silk", "tweed")),
    ("route", ("the valley road", "the coastal path", "the tunnel", "the mountain pass", "the canal towpath")),
    ("gift", ("a scarf", "a fountain pen", "a houseplant", "a mug", "theatre tickets", "a puzzle")),
    ("wood", ("oak", "walnut", "pine", "birch", "maple", "ash", "teak")),
    ("dog breed", ("a beagle", "a whippet", "a poodle", "a corgi", "a collie", "a dachshund")),
    ("cheese", ("gouda", "brie", "feta", "manchego", "stilton", "comté")),
    ("photographer", ("Halloran", "Benedetti", "Okafor", "Sorensen", "Nakamura", "Dubois")),
    ("theme", ("space", "the jungle", "the roaring twenties", "under the sea", "fairy tales", "the wild west")),
    ("stone", ("granite", "slate", "marble", "sandstone", "limestone", "basalt")),
    ("wine", ("Riesling", "Malbec", "Chianti", "Rioja", "Chablis", "Merlot")),
)

SHOPS = (
    "the flea market|Harlow's|the antique fair|Bergstrom & Sons|the harbour store|the charity shop|Kettle Lane|the outlet|"
    "the auction house|Old Mill Traders|the night market|Pinto's|the department store|the museum shop|Vandermeer's"
).split("|")

PRICES = (
    "$30|$45|$12|$220|$75|$310|€15|€60|€85|€140|£9|£25|£110|£350|35 bucks|80 bucks|150 kroner|five hundred francs|a fiver|"
    "twelve quid|three thousand yen|ninety rupees|two grand|eleven quid|four hundred bucks|a tenner"
).split("|")

ROUTINES = (
    "morning stretches|cold plunge|watering of the moss|flossing|crossword|language drill|window cleaning|tidying of the attic|"
    "sit-ups|meditation|call to grandma|dusting of the books|scales on the oboe|car inspection|diary writing|juice fast|"
    "sauna|litter picking|descaling of the kettle|walk round the block|vocabulary test|feeding of the carp|ironing|sky watching|"
    "handstand practice|letter writing|bread baking|rowing drill|filing of papers|eye exercises|bus spotting|jam making"
).split("|")
