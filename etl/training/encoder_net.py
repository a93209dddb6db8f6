"""The encoder as it is trained: a transformer in PyTorch, begun from MiniLM, with heads for names, speech and syntax.

The layers are those of BERT (Devlin et al. 2019) in the size of all-MiniLM-L6-v2 (Wang et al. 2020), with two more embeddings, of
the shape of words and of breaks, that begin at zero. The heads for speech are those of token classification; links and heads of
words are products of two projections, as in Dozat and Manning (2017), of low rank and without bias.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from etl.model.heads import LINK, NAME_LABELS, RELATIONS, STRETCH_LABELS, TAGS
from etl.model.pieces import N_BREAKS, N_SHAPES

WIDTH, INNER, N_ATTENTION = 384, 1536, 12
#: The most pieces of a window that positions are known for.
MAX_POSITIONS = 256
#: The size of the hidden layer below the syntactic heads.
SYNTAX = 256
EPSILON = 1e-12
#: Below any score.
NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a batch of b windows of n pieces: labels (b, n, number of labels), links (b, n, n) from a piece to a piece."""

    labels: dict[str, Tensor]
    links: dict[str, Tensor]


class Layer(nn.Module):
    """One transformer layer."""

    def __init__(self) -> None:
        """Make a layer with random weights."""
        super().__init__()
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, EPSILON), nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``mask`` (b, 1, 1, n) is added to the scores of attention."""
        b, n, _ = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, N_ATTENTION, WIDTH // N_ATTENTION).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2) * (WIDTH // N_ATTENTION) ** -0.5 + mask).softmax(-1)
        x = self.norm1(x + self.out((weights @ v).transpose(1, 2).reshape(b, n, WIDTH)))
        normed: Tensor = self.norm2(x + self.outer(functional.gelu(self.inner(x))))
        return normed


class Heads(nn.Module):
    """The heads on one layer's output. Guidelines for names differ, so each set of gold data has a delta that begins at zero."""

    def __init__(self, n_sets: int) -> None:
        """Make heads with random weights, for ``n_sets`` sets of names."""
        super().__init__()
        self.name = nn.Linear(WIDTH, len(NAME_LABELS))
        self.delta = nn.Parameter(torch.zeros(n_sets, len(NAME_LABELS), WIDTH))
        self.delta_bias = nn.Parameter(torch.zeros(n_sets, len(NAME_LABELS)))
        self.speech = nn.ModuleDict({s: nn.Linear(WIDTH, len(STRETCH_LABELS)) for s in ("content", "cue", "source")})
        links = ("content_source", "content_cue")
        self.link_from = nn.ModuleDict({name: nn.Linear(WIDTH, LINK) for name in links})
        self.link_to = nn.ModuleDict({name: nn.Linear(WIDTH, LINK) for name in links})
        self.syntax = nn.Linear(WIDTH, SYNTAX)
        self.tag, self.relation = nn.Linear(SYNTAX, len(TAGS)), nn.Linear(SYNTAX, len(RELATIONS))
        self.head_from, self.head_to = nn.Linear(SYNTAX, LINK), nn.Linear(SYNTAX, LINK)

    def forward(self, x: Tensor, sets: Tensor, mask: Tensor) -> Scores:
        """Scores for hidden states ``x`` (b, n, WIDTH) of windows from ``sets`` (b,).

        No link goes to what ``mask`` (b, n) excludes.
        """
        delta = torch.einsum("bnh,bkh->bnk", x, self.delta[sets]) + self.delta_bias[sets][:, None]
        syntax = functional.gelu(self.syntax(x))
        labels = {"name": self.name(x) + delta, "tag": self.tag(syntax), "relation": self.relation(syntax)}
        labels |= {name: head(x) for name, head in self.speech.items()}
        links = {name: self.link_from[name](x) @ self.link_to[name](x).transpose(1, 2) for name in self.link_from}
        links["head"] = self.head_from(syntax) @ self.head_to(syntax).transpose(1, 2)
        hidden = ~mask[:, None, :]
        return Scores(labels, {name: (s * LINK**-0.5).masked_fill(hidden, NEVER) for name, s in links.items()})


class Encoder(nn.Module):
    """The whole network, with heads on each of the layers ``exits``."""

    def __init__(self, n_pieces: int, exits: tuple[int, ...], n_sets: int, dropout: float) -> None:
        """Make a network with random weights, for a vocabulary of ``n_pieces``."""
        super().__init__()
        self.word, self.position = nn.Embedding(n_pieces, WIDTH), nn.Parameter(torch.zeros(MAX_POSITIONS, WIDTH))
        self.shape, self.gap = nn.Embedding(N_SHAPES, WIDTH), nn.Embedding(N_BREAKS, WIDTH)
        self.norm, self.drop = nn.LayerNorm(WIDTH, EPSILON), nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer() for _ in range(max(exits)))
        self.exits, self.heads = exits, nn.ModuleDict({str(e): Heads(n_sets) for e in exits})

    def forward(self, inputs: Tensor, sets: Tensor, mask: Tensor) -> dict[int, Scores]:
        """The scores at each exit, for ``inputs`` (3, b, n): pieces, shapes and breaks."""
        pieces, shapes, breaks = inputs
        x = self.word(pieces) + self.position[: pieces.shape[1]] + self.shape(shapes) + self.gap(breaks)
        x = self.drop(self.norm(x))
        bias = torch.zeros(mask.shape).masked_fill(~mask, NEVER)[:, None, None, :]
        found = {}
        for number, layer in enumerate(self.layers, 1):
            x = layer(x, bias)
            if number in self.exits:
                found[number] = self.heads[str(number)](self.drop(x), sets, mask)
        return found


def load_backbone(encoder: Encoder, weights: Path, kept: Tensor) -> None:
    """Begin from MiniLM's weights, a file of safetensors; ``kept`` are the numbers of the pieces that the vocabulary keeps."""
    from safetensors.torch import load_file

    stored = load_file(weights)

    def named(name: str) -> Tensor:
        return stored[name] if name in stored else stored[f"bert.{name}"]

    def copy(module: nn.Module, name: str) -> None:
        for part in ("weight", "bias"):
            getattr(module, part).data.copy_(named(f"{name}.{part}"))

    encoder.word.weight.data.copy_(named("embeddings.word_embeddings.weight")[kept])
    kinds = named("embeddings.token_type_embeddings.weight")[0]
    encoder.position.data.copy_(named("embeddings.position_embeddings.weight")[:MAX_POSITIONS] + kinds)
    nn.init.zeros_(encoder.shape.weight)
    nn.init.zeros_(encoder.gap.weight)
    copy(encoder.norm, "embeddings.LayerNorm")
    layers = cast("list[Layer]", list(encoder.layers))
    for i, layer in enumerate(layers):
        prefix = f"encoder.layer.{i}"
        for part in ("weight", "bias"):
            parts = [named(f"{prefix}.attention.self.{p}.{part}") for p in ("query", "key", "value")]
            getattr(layer.qkv, part).data.copy_(torch.cat(parts))
        copy(layer.out, f"{prefix}.attention.output.dense")
        copy(layer.norm1, f"{prefix}.attention.output.LayerNorm")
        copy(layer.inner, f"{prefix}.intermediate.dense")
        copy(layer.outer, f"{prefix}.output.dense")
        copy(layer.norm2, f"{prefix}.output.LayerNorm")
