"""Trains Rasa's own default pipeline (DIET) on our lines and asks it the exam: our yardstick."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa_guard import become

TEACHES = """\
Trains the pipeline that Rasa suggests to everyone (tokenizer, regex, lexical and count features, DIET) on bot/data and
prints the same figures as `make exam`: cards right at once and among three, and "out of scope". The model is thrown
away. Rasa's own 100 epochs take long; --epochs asks for fewer, which says less about it."""
OUTSIDE = "out-of-scope"
PIPELINE: tuple[dict[str, Any], ...] = (
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
)


def exam_lines(folder: Path) -> Iterator[tuple[str, str]]:
    """Each line of an exam folder with what it asks; the alarm's lines are another exam."""
    import yaml

    for path in sorted(folder.glob("[!a]*.yml")) + sorted(folder.glob("a[!l]*.yml")):
        for want, pairs in yaml.safe_load(path.read_text("utf-8")).items():
            yield from ((str(text), want) for pair in pairs for text in pair.values())


def train(data: Path, epochs: int, out: Path) -> Path:
    """The model file of the default pipeline."""
    import yaml
    from rasa.model_training import train_nlu

    diet = {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True, "random_seed": 0}
    config = {"recipe": "default.v1", "assistant_id": "yardstick", "language": "en", "pipeline": [*PIPELINE, diet]}
    (out / "config.yml").write_text(yaml.safe_dump(config), "utf-8")
    return Path(str(train_nlu(config=str(out / "config.yml"), nlu_data=str(data), output=str(out))))


async def rankings(model: Path, texts: list[str]) -> list[list[str]]:
    """The intents that the model thinks of for each text, best first."""
    from rasa.core.agent import Agent

    agent = Agent.load(str(model))
    return [[guess["name"] for guess in (await agent.parse_message(text))["intent_ranking"]] for text in texts]


def main() -> int:
    """Train, ask, print."""
    words = argparse.ArgumentParser(
        prog="bot/default_pipeline.py", description=TEACHES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    home = Path(__file__).resolve().parent
    words.add_argument("--epochs", type=int, default=100, help="rounds of training (default: 100, Rasa's own)")
    words.add_argument(
        "--exam", type=Path, default=home.parent / "tests" / "exam" / "development", help="folder of exam lines"
    )
    wish = words.parse_args()
    # Rasa shows each round and the time left only when it may log; these are our own lines, no child's.
    os.environ["LOG_LEVEL"] = "INFO"
    with tempfile.TemporaryDirectory() as folder:
        asked = list(exam_lines(wish.exam))
        found = asyncio.run(rankings(train(home / "data", wish.epochs, Path(folder)), [text for text, _ in asked]))
    both = [(want, ranking) for (_, want), ranking in zip(asked, found, strict=True)]
    cards = [(want, ranking) for want, ranking in both if (home.parent / "content" / "cards" / f"{want}.md").exists()]
    outside, seen = [r for w, r in both if w == OUTSIDE], [w for w, r in both if r[0] == OUTSIDE]
    say(f"cards, top 1: {sum(r[0] == w for w, r in cards) / len(cards):.3f} of {len(cards)}")
    say(f"cards, top 3: {sum(w in r[:3] for w, r in cards) / len(cards):.3f}")
    say(f"out of scope, recall: {sum(r[0] == OUTSIDE for r in outside) / max(1, len(outside)):.3f}")
    say(f"out of scope, precision: {sum(w == OUTSIDE for w in seen) / max(1, len(seen)):.3f}")
    return 0


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if os.environ.get("RASA_TELEMETRY_ENABLED") != "false":
        become("default_pipeline.py", *sys.argv[1:], threads=os.cpu_count() or 1)
    raise SystemExit(main())
