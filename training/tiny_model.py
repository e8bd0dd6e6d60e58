"""A random model of the shipped format, small enough to commit: what the engine's tests run on.

    python tiny_model.py --out ../tests/fixtures/tiny-model

Writes beside it parity.safetensors: inputs and outputs of every graph at odd shapes, for parity tests.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zlib
from pathlib import Path

import torch
from safetensors.torch import save
from transformers import BertConfig, BertModel, BertTokenizerFast

from calibrate import Calibration
from config import Config
from encoding import Reader
from export import About, export
from golden import GoldenTexts
from lexical import STOP_WORDS, LexicalIndex, in_context, stem
from model import EvoEmbed
from parity import encoder_cases, head_cases
from rounding import round_activations_

CONFIG = Config(
    d=36,
    memory_queries=3,
    capacity=5,
    heads=2,
    clock=6,
    token_width=5,
    late_weight=1.4,
    max_tokens=32,
    rerank_width=20,
    rerank_heads=2,
    rerank_layers=2,
    rerank_floor=0.4,
    reliance_threshold=90.0,  # near the strength of its random queries
    reliance_steepness=2.0,
)

SEED = 7

CONVERSATION = GoldenTexts(
    segments=[
        "9:05 am on 3 March, 2024\nMira: I moved to Lisbon!",
        "Jonas: Where is the canoe?",
        "Mira: In the garage, for now.",
        "ha",
        "1:56 pm on 8 May, 2024\nMira: I sold the canoe to my old friend, the one with the red car.",
        "Jonas: Do you still live in Lisbon?",
        "Mira: No, we moved again, to York this time.",
        "Jonas: And the dog?",
        "Mira: She is here with me.",
        "Jonas: Good. See you in the summer.",
        "Mira: What do you think about naïve zebras?",
        "Jonas: \U0001f6f6 ...",
    ],
    queries=["Where does Mira live now?", "canoe", "Who has a dog?"],
)

INFLECTED = (
    "moves moved moving mover happiness happily happy ponies caresses cats agreed plastered sing motoring conflated "
    "troubling sized hopping falling hissing fizzed failing filing sky relational conditional rationally vietnamization "
    "operator feudalism decisiveness callousness formality triplicate formative electrical hopeful goodness revival "
    "allowance inference airliner adjustable irritant replacement adoption communism activate effective probate rate "
    "cease controlling rolled geology possibly y by is as 2023 3rd naïvely été"
)

WORDS = """
a about after again all also am an and any are as ask at back be because been before best big book both but
buy by call came can canoe car cat change child city come could country day did do does dog down each eat
end even every family far first food for friend from game garage get give go good great had has have he hear
help her here him his home hot house how i if in is it job keep know last late learn left life like line
lisbon little live long look lost made make man many may me meet mira jonas month more morning most mother
move much music must my name need never new next night no not nothing now of off old on one only open or
other our out over own people place plan play pm read real red right road run said same saw say school see
she should show sister small so sold some something start still stop story summer such take talk tell than
that the their them then there these they thing think this time to today told too town train tree trip try
two under until up us use very want was water way we week well went were what when where which who why will
with word work world would write year yes yesterday york you young your january february march april june
july august september october november december 2023 2024 ##s ##ed ##ing ##er ##ly ##est ##ion ##ment ##ness
##able
""".split()


def tiny_tokenizer() -> BertTokenizerFast:
    """A few hundred word pieces; every letter and digit is one, so that plain text is rarely [UNK]."""
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789")
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *".,:;!?'\"()-/",
        *letters,
        *(f"##{c}" for c in letters),
    ]
    pieces = list(dict.fromkeys(pieces + WORDS))
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocab.txt"
        vocabulary.write_text("\n".join(pieces) + "\n")
        return BertTokenizerFast(vocab=str(vocabulary), do_lower_case=True)


def tiny_model(vocabulary: int) -> EvoEmbed:
    """Random weights, large enough that attention is far from even and nothing is at its neutral start.

    Each by its own name: a part that is new leaves the others as they are.
    """
    torch.manual_seed(SEED)
    encoder = BertModel(
        BertConfig(
            vocab_size=vocabulary,
            hidden_size=CONFIG.d,
            num_hidden_layers=2,
            num_attention_heads=3,
            intermediate_size=50,
            max_position_embeddings=CONFIG.max_tokens,
        ),
        add_pooling_layer=False,
    )
    model = EvoEmbed(encoder, CONFIG).eval()
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=torch.Generator().manual_seed(SEED + zlib.crc32(name.encode())))
        scale = 0.15 if name.startswith("encoder.") else 0.2 if weight.dim() > 1 else 0.1
        weight.data += noise * scale
    return model


def lexical_cases() -> dict:
    """What the engine's lexical index must compute."""
    asked = [*CONVERSATION.queries, "the", "Living, moving: canoes or CARS?", "dog dog", "canoe\tgarage", "ZEBRA naïveté", "unheard"]
    scores = [LexicalIndex(CONVERSATION.segments).scores(query) for query in asked]
    return {
        "segments": CONVERSATION.segments,
        "queries": [
            {"query": query, "scores": row.tolist(), "inContext": in_context(row).tolist()}
            for query, row in zip(asked, scores, strict=True)
        ],
        "stems": {word: stem(word) for word in INFLECTED.split()},
        "stopWords": sorted(STOP_WORDS),
    }


def write(out: Path) -> None:
    """The model folder `out`; beside it parity.safetensors and lexical.json."""
    tokenizer = tiny_tokenizer()
    model = tiny_model(len(tokenizer))
    arbitrary = Calibration(slope=2.0, intercept=-1.0)  # as the weights are
    about = About(
        "tiny-model", "1.0.0", {"evolved": arbitrary, "static": arbitrary}, training={"trained": False}
    )
    round_activations_(Reader(model, tokenizer), CONVERSATION.segments + CONVERSATION.queries)
    shipped = export(model, tokenizer, about, out, CONVERSATION)
    cases = encoder_cases(shipped) + head_cases(shipped.head)
    (out.parent / "parity.safetensors").write_bytes(save(dict(t for case in cases for t in case.tensors())))
    (out.parent / "lexical.json").write_text(json.dumps(lexical_cases(), indent=1, ensure_ascii=False) + "\n")
    sizes = {
        path: entry["bytes"] for path, entry in json.loads((out / "evo.json").read_text())["files"].items()
    }
    print(f"{out}: {sum(sizes.values())} bytes in {len(sizes)} files")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
