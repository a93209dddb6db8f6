"""Fit the encoder: ``python -m etl.training.fit_encoder DATA BACKBONE OUT --steps N``.

``DATA`` holds the windows that `etl.training.encoder_data` wrote, a file for each set. A step is one batch. With the same files,
seed and number of steps the weights are the same on the same machine. The heads on the last layer teach those on the exits before
it, also on texts without gold data (self-distillation, Zhang et al. 2019).
"""

import argparse
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from etl.training.encoder_data import IGNORED, LABELS, Window
from etl.training.encoder_net import Encoder, Scores, load_backbone

#: The sets of gold data, in the order of their deltas. The share of each that an epoch takes.
SETS = {
    "worldwide_dev": 1.0,
    "ieer": 1.0,
    "wikigold": 1.0,
    "polnear": 1.0,
    "bbc": 0.2,
    "giveme5w1h": 0.25,
    "reuters21578_txt": 0.12,
}
EXITS = (4, 6)
#: Pieces of a batch, padding included; windows that are sorted by length together.
BATCH, POOL = 2048, 256
DROPOUT, RATE, NEW_RATE, WARM_STEPS, LAST_SHARE, DECAY = 0.1, 3e-4, 3.0, 60, 0.02, 0.01
#: How much the loss of each label counts.
WEIGHTS = {
    "name": 1.0,
    "content": 1.0,
    "cue": 0.5,
    "source": 0.5,
    "content_source": 0.3,
    "content_cue": 0.15,
    "tag": 0.15,
    "relation": 0.2,
    "head": 0.35,
}
#: How much an exit before the last counts, and how much of it is what the last layer says.
EXIT_WEIGHT, TAUGHT = 0.7, 0.6
TAUGHT_LABELS = ("name", "content", "cue", "source")
#: Parts of the network that begin from nothing.
NEW = ("heads", "shape", "gap")
LOGGED_STEPS = 50


def main() -> None:
    """Fit and store the weights."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("backbone", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--steps", type=int, required=True)
    options.add_argument(
        "--schedule", type=int, help="the step at which the learning rate would reach its end; default: the last"
    )
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rate", type=float, default=RATE, help="the learning rate that falls to its end")
    options.add_argument("--resume", type=Path, help="weights to go on from")
    options.add_argument(
        "--teacher", type=Path, help="weights with all layers, which teach the layers up to the first exit alone"
    )
    options.add_argument("--skip", type=Path, help="a file of numbers of articles of polnear to leave out")
    asked = options.parse_args()
    random.seed(asked.seed)
    torch.manual_seed(asked.seed)
    sets = {name: read_windows(asked.data / f"{name}.npz") for name in SETS}
    if asked.skip:
        skipped = set(map(int, asked.skip.read_text().split()))
        sets["polnear"] = [a for i, a in enumerate(sets["polnear"]) if i not in skipped]
    kept = torch.from_numpy(np.load(asked.data / "kept.npy"))
    teacher = Encoder(len(kept), EXITS, len(SETS), 0.0) if asked.teacher else None
    encoder = Encoder(len(kept), EXITS[:1] if teacher else EXITS, len(SETS), DROPOUT)
    load_backbone(encoder, asked.backbone, kept)
    if asked.resume:
        encoder.load_state_dict(torch.load(asked.resume, weights_only=True), strict=teacher is None)
    if teacher:
        teacher.load_state_dict(torch.load(asked.teacher, weights_only=True))
        teacher.eval()
    fit(encoder, teacher, sets, asked.steps, asked.schedule or asked.steps, asked.rate, asked.out)


def read_windows(path: Path) -> list[list[Window]]:
    """The windows of each article of a stored set."""
    stored = np.load(path)
    ends = np.cumsum(stored["lens"])
    inputs, labels = stored["inputs"].astype(np.int32), stored["labels"]
    windows = [Window(inputs[:, e - n : e], labels[:, e - n : e]) for e, n in zip(ends, stored["lens"], strict=True)]
    last = np.cumsum(stored["docs"])
    return [windows[b - n : b] for b, n in zip(last, stored["docs"], strict=True)]


def fit(
    encoder: Encoder,
    teacher: Encoder | None,
    sets: Mapping[str, Sequence[Sequence[Window]]],
    n_steps: int,
    n_scheduled: int,
    rate: float,
    out: Path,
) -> None:
    """Train for a number of steps, with the learning rate falling linearly to its end at the step ``n_scheduled``."""
    fresh = [p for name, p in encoder.named_parameters() if name.split(".")[0] in NEW]
    known = [p for name, p in encoder.named_parameters() if name.split(".")[0] not in NEW]
    groups = [{"params": known, "share": 1.0}, {"params": fresh, "share": NEW_RATE}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98), weight_decay=DECAY, fused=True)
    encoder.train()
    began, n_pieces, logged = time.time(), 0, dict.fromkeys(LABELS, 0.0)
    for step, (inputs, labels, numbers, mask) in enumerate(batches(sets), 1):
        share = min(1, step / WARM_STEPS) * max(LAST_SHARE, 1 - step / n_scheduled)
        for group in optimizer.param_groups:
            group["lr"] = rate * share * group["share"]
        scores = encoder(inputs, numbers, mask)
        losses = gold_losses(scores[encoder.exits[-1]], labels)
        if teacher:
            with torch.no_grad():
                last = teacher(inputs, numbers, mask)[EXITS[-1]]
            loss = torch.zeros(())
        else:
            last, loss = scores[EXITS[-1]], weighted(losses)
        for number in EXITS[:-1]:
            own = weighted(gold_losses(scores[number], labels))
            loss = loss + EXIT_WEIGHT * ((1 - TAUGHT) * own + TAUGHT * taught_loss(scores[number], last, labels))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # PyTorch has no type for it
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        n_pieces += int(mask.sum())
        for name, value in losses.items():
            logged[name] = value.item() if not logged[name] else 0.97 * logged[name] + 0.03 * value.item()
        if step % LOGGED_STEPS == 0:
            said = " ".join(f"{name} {value:.3f}" for name, value in logged.items())
            print(f"step {step} of {n_steps}, {n_pieces / (time.time() - began):.0f} pieces/s, {said}", flush=True)  # noqa: T201  # progress
        if step % 250 == 0 or step == n_steps:
            torch.save(encoder.state_dict(), out)
        if step == n_steps:
            return


def gold_losses(scores: Scores, labels: Tensor) -> dict[str, Tensor]:
    """The cross entropy of each label that the batch has."""
    losses = {}
    for row, name in enumerate(LABELS):
        gold = labels[row]
        known = gold != IGNORED
        if known.any():
            found = scores.labels[name] if name in scores.labels else scores.links[name]
            losses[name] = functional.cross_entropy(found[known], gold[known])
    return losses


def weighted(losses: Mapping[str, Tensor]) -> Tensor:
    """The sum of losses by their weights."""
    return torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum()


def taught_loss(scores: Scores, teacher: Scores, labels: Tensor) -> Tensor:
    """How far an exit is from what the last layer says of each word."""
    is_word = labels[LABELS.index("tag")] != IGNORED
    for name in ("name", "content"):
        is_word = is_word | (labels[LABELS.index(name)] != IGNORED)
    total = torch.zeros(())
    for name in TAUGHT_LABELS:
        own, said = scores.labels[name][is_word], teacher.labels[name][is_word].detach()
        total = total + WEIGHTS[name] * functional.kl_div(
            own.log_softmax(-1), said.log_softmax(-1), log_target=True, reduction="batchmean"
        )
    rest = {n: loss for n, loss in gold_losses(scores, labels).items() if n not in TAUGHT_LABELS}
    return total + weighted(rest) if rest else total


def batches(sets: Mapping[str, Sequence[Sequence[Window]]]) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Batches without end: inputs (3, b, n), labels (len(LABELS), b, n), numbers of sets (b,) and mask (b, n)."""
    while True:
        pool: list[tuple[int, Window]] = []
        for number, (name, share) in enumerate(SETS.items()):
            windows = [(number, window) for article in sets[name] for window in article]
            pool += random.sample(windows, round(share * len(windows)))
        random.shuffle(pool)
        found = []
        for at in range(0, len(pool), POOL):
            found += list(_filled(sorted(pool[at : at + POOL], key=lambda w: w[1].inputs.shape[1])))
        random.shuffle(found)
        yield from map(_collated, found)


def _filled(windows: Sequence[tuple[int, Window]]) -> Iterator[list[tuple[int, Window]]]:
    """Batches of windows that are sorted by length."""
    batch: list[tuple[int, Window]] = []
    for window in windows:
        if batch and window[1].inputs.shape[1] * (len(batch) + 1) > BATCH:
            yield batch
            batch = []
        batch.append(window)
    yield batch


def _collated(batch: Sequence[tuple[int, Window]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    n = max(window.inputs.shape[1] for _, window in batch)
    inputs: NDArray[np.int64] = np.zeros((3, len(batch), n), np.int64)
    labels: NDArray[np.int64] = np.full((len(LABELS), len(batch), n), IGNORED, np.int64)
    mask = np.zeros((len(batch), n), bool)
    for i, (_, window) in enumerate(batch):
        size = window.inputs.shape[1]
        inputs[:, i, :size], labels[:, i, :size], mask[i, :size] = window.inputs, window.labels, True
    numbers = torch.tensor([number for number, _ in batch])
    return torch.from_numpy(inputs), torch.from_numpy(labels), numbers, torch.from_numpy(mask)


if __name__ == "__main__":
    main()
