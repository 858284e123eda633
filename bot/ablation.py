"""Weighs the estimators: leaves out one training author at a time and prints what each part of the ensemble brings."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TEACHES = """\
Learns from every author of bot/lines/cards and bot/lines/danger but one, asks the ensemble that author's lines, and so
for each author named. Prints the share of cards right at once and among the first three, and recall and precision of
"out of scope", for each estimator alone and for sums of them; then, for the weights of config.yml, how often an answer
of each confidence is right. Nothing is trained for use and no exam line is read. About a minute for each author."""
SUMS = (
    ("letters",),
    ("meaning",),
    ("letters", "meaning"),
    ("letters", "meaning", "about"),
    ("letters", "meaning", "asks"),
    ("letters", "meaning", "about", "asks"),
    ("letters", "meaning", "about", "asks", "danger"),
    ("letters", "meaning", "about", "asks", "danger"),
)
OUTSIDE = "out-of-scope"
BANDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def lines(data: Path, asked: Path) -> list[dict[str, Any]]:
    """Every training line with its intent, its parts and its author ("cards" for the lines in the cards and acts).

    `whole` is false for a line that only the estimators of letters learn from.
    """
    import yaml
    from ensemble import PARTS, part_of
    from line_marks import for_letters_alone, language_of

    authors = {
        (str(key), line.strip()): path.stem
        for path in sorted([*asked.glob("*.yml"), *asked.with_name("danger").glob("*.yml")])
        for key, said in yaml.safe_load(path.read_text("utf-8")).items()
        for line in said.splitlines()
    }
    found = []
    for path in sorted(data.glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"] or ():
            intent, beside = block.get("intent"), {"intent": block.get("metadata") or {}}
            for row in block["examples"].splitlines() if intent else ():
                text = row.strip()[2:]
                parts = {part: part_of(intent, beside, part) for part in PARTS}
                author = authors.get((intent, text), "cards")
                told = {"language": language_of(beside), "whole": not for_letters_alone(beside)}
                found.append({"text": text, "intent": intent, "author": author, **told, **parts})
    return found


def left_out(every: list[dict[str, Any]], vectors: Any, author: str) -> tuple[Any, dict[str, Any], list[str]]:
    """The intents known without this author, what each estimator says of the author's lines, and what is right."""
    import numpy as np
    from ensemble import PARTS, Ensemble

    own = np.array([line["author"] == author for line in every])
    rest = [line for line in every if line["author"] != author]
    parts = {part: [line[part] for line in rest] for part in PARTS}
    whole = np.array([line["whole"] for line in rest])
    texts, intents = [line["text"] for line in rest], [line["intent"] for line in rest]
    ensemble = Ensemble.learn(texts, vectors[~own], intents, parts, whole=whole)
    asked = [line for line in every if line["author"] == author]
    rows = ensemble.letters.rows([line["text"] for line in asked])
    said = ensemble.opinions(rows, vectors[own])
    return np.array(ensemble.intents), said, [line["intent"] for line in asked]


def figures(intents: Any, scores: Any, right: Any) -> Iterator[float]:
    """Right at once, right among three (cards and alarms and acts alike), and out of scope: recall, precision."""
    import numpy as np

    order = intents[np.argsort(-scores, axis=1)]
    inside, seen, outside = right != OUTSIDE, order[:, 0] == OUTSIDE, right == OUTSIDE
    yield float((order[:, 0] == right)[inside].mean())
    yield float((order[:, :3] == right[:, None]).any(axis=1)[inside].mean())
    yield float(seen[outside].mean())
    yield float((seen & outside).sum() / max(1, seen.sum()))


def settings() -> Mapping[str, Any]:
    """The ensemble's settings of config.yml."""
    import yaml

    pipeline = yaml.safe_load((Path(__file__).with_name("config.yml")).read_text("utf-8"))["pipeline"]
    return next(part for part in pipeline if part["name"] == "intent_classifier.EnsembleClassifier")


def main() -> int:
    """Weigh on the authors named, or on all."""
    words = argparse.ArgumentParser(
        prog="bot/ablation.py", description=TEACHES, epilog="example: bot/ablation.py text-speak"
    )
    words.add_argument("author", nargs="*", help="file names of these folders without .yml (default: every author)")
    words.add_argument("--keep", type=Path, help="also write every estimator's opinions to this .npz file")
    wish = words.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import warnings

    warnings.simplefilter("ignore")
    import numpy as np
    from line_marks import ENGLISH
    from minilm import known_words
    from sentence_encoder import meanings
    from spelling_correction import Speller

    home = Path(__file__).resolve().parent
    every = lines(home / "data", home / "lines" / "cards")
    ours = [line["text"] for line in every if line["language"] == ENGLISH]
    speller = Speller.learn(ours, known_words(), [line["text"] for line in every if line["language"] != ENGLISH])
    say(f"Encoding {len(every)} lines ...")
    vectors = meanings([line["text"] for line in every], speller)
    results = []
    for author in wish.author or sorted({line["author"] for line in every} - {"cards"}):
        results.append(left_out(every, vectors, author))
        say(f"left out {author}")
    intents = results[0][0]
    said = {name: np.concatenate([result[1][name] for result in results]) for name in results[0][1]}
    right = np.concatenate([np.array(result[2]) for result in results])
    if wish.keep:
        np.savez(wish.keep, intents=intents, right=right, **said)
    table(intents, said, right)
    return 0


def table(intents: Any, said: Mapping[str, Any], right: Any) -> None:
    """Print what each sum of estimators does, then how the weights of config.yml are calibrated."""
    import numpy as np
    from estimators import log_shares

    config = settings()
    say(f"{len(right)} lines\n{'estimators':38s} top 1  top 3  outside: recall  precision")
    for names in SUMS:
        scores = sum(said[name] * config["weights"][name] for name in names)
        scores[:, list(intents).index(OUTSIDE)] += config["outside"] * (len(names) > 1)
        top1, top3, recall, precision = figures(intents, scores, right)
        say(f"{' + '.join(names):38s} {top1:.3f}  {top3:.3f}            {recall:.3f}      {precision:.3f}")
    shares = np.exp(log_shares(scores / config["temperature"]))
    best, sure = intents[shares.argmax(axis=1)], shares.max(axis=1)
    say("confidence   lines   right")
    for low, high in itertools.pairwise(BANDS):
        band = (sure >= low) & (sure < high)
        if band.any():
            say(f"{low:.1f} to {min(high, 1):.1f} {band.sum():8d}   {(best == right)[band].mean():.3f}")


def say(line: str) -> None:
    """One line with the seconds so far, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


START = time.monotonic()

if __name__ == "__main__":
    raise SystemExit(main())
