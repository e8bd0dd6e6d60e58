"""Golden texts and the vectors PyTorch gives them: what a device must reproduce before it is trusted."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from encoding import Reader
from late_interaction import late_scores
from model import QUERY, EvoEmbed


@dataclass(frozen=True)
class GoldenTexts:
    """Texts as the encoder reads them: role and time rendered, none longer than the encoder's limit."""

    segments: list[str]
    queries: list[str]


CONVERSATION = GoldenTexts(
    segments=[
        "9:05 am on 3 March, 2024\nMira: I finally moved to Lisbon last weekend!",
        "Jonas: Wow, congratulations. How is the new flat?",
        "Mira: Small, but the kitchen looks onto the river.",
        "Jonas: And where did you put the canoe?",
        "Mira: In the garage, for now.",
        "Jonas: Ha.",
        "Mira: My sister Ada says it should live on the balcony.",
        "Jonas: Does she still teach physics in Leeds?",
        "Mira: She left in January. She repairs cellos now, of all things.",
        "Jonas: I would love to see her workshop one day.",
        "1:56 pm on 8 May, 2024\nMira: You asked how the job search goes. I had two interviews, one with a "
        "ferry company that wants somebody to plan its timetables, and one with a small publisher of maps; "
        "the ferries pay better, but the maps people have a dog in the office, let me work from home on "
        "Fridays, and laughed at my joke about contour lines, so I think I know which of the two I will "
        "take.",
        "Jonas: Take the maps.",
        "Mira: I did! I start on the first of June.",
        "Jonas: What is the dog called?",
        "Mira: Mercator.",
        "Jonas: Of course it is.",
        "Mira: How are the twins?",
        "Jonas: Noa lost a tooth, Eli wants to be a volcano when he grows up.",
        "Mira: Reasonable.",
        "Jonas: We are thinking of a holiday in the Azores in August.",
        "Mira: Then stop here on the way, the sofa is yours.",
        "Jonas: Only if there is room next to the canoe.",
        "8:30 pm on 21 June, 2024\nMira: News: I sold the canoe to a neighbour.",
        "Jonas: No! For how much?",
        "Mira: 240 euros and a crate of oranges.",
        "Jonas: So the garage is empty?",
        "Mira: Not quite, Ada sent me a cello without strings.",
        "Jonas: Is she well?",
        "Mira: She is moving again, from Leeds to York this time.",
        "Jonas: Everybody moves but me.",
        "Mira: You have had the same couch since 2009.",
        "Jonas: It is a very good couch.",
        "Mira: The Azores trip, is it still on?",
        "Jonas: We changed it to Madeira, the flights were cheaper.",
        "Mira: And when do you land?",
        "Jonas: On the fourth of August, with the twins and no luggage, hopefully.",
        "Mira: I will meet you at the airport.",
        "Jonas: Bring Mercator.",
        "Mira: He gets seasick even on the tram.",
        "Jonas: Perfect. See you all then.",
    ],
    queries=[
        "Where does Mira live now?",
        "Where was the canoe kept?",
        "Which job did she take?",
        "Who repairs cellos?",
        "Where are Jonas and the twins going on holiday?",
        "dog",
    ],
)


@torch.no_grad()
def golden_vectors(
    model: EvoEmbed, tokenizer: PreTrainedTokenizerBase, texts: GoldenTexts
) -> dict[str, Tensor]:
    """segments [T, 2 d + m], queries [Q, 2 d + m] asked after the last segment, latents [T, K, d]; late [Q, T] scores.

    Of the queries also as they search: reliant [Q, 2 d + m], and reliance [Q].

    Each text is encoded on its own. Raises ValueError on a text that is too long for the encoder.
    """
    limit = model.config.max_tokens
    for text in texts.segments + texts.queries:
        if (tokens := len(tokenizer(text)["input_ids"])) > limit:
            raise ValueError(f"a golden text has {tokens} tokens, the encoder reads {limit}: {text!r}")
    reader = Reader(model, tokenizer)
    readings = [reader.read_tokens([text]) for text in texts.segments + texts.queries]
    static, rows = (torch.cat([reading[part] for reading in readings])[None] for part in (0, 1))
    late = [tokens for *_, (tokens,) in readings]
    T = len(texts.segments)
    head = model.head
    latents = head.read_memory(rows[:, :T])
    pushed = head.push(latents, static[:, :T])
    steps = torch.full((1, len(texts.queries)), T)
    queries = head.embed(static[:, T:], QUERY, steps, pushed)[0]
    reliant, reliance = head.rely(queries)
    return {
        "segments": head.embed_sequence(static[:, :T], pushed)[0],
        "queries": queries,
        "latents": latents[0],
        "late": late_scores(late[T:], late[:T], torch.arange(T)),
        "reliant": reliant,
        "reliance": reliance,
    }
