"""Names the model after what it was made from, so anyone can tell in a moment whether it is fresh."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parent
MODULES = (
    "danger_reader",
    "ensemble",
    "estimators",
    "intent_classifier",
    "line_marks",
    "minilm",
    "onnx_graph",
    "readings",
    "sentence_encoder",
    "sound_key",
    "spelling_correction",
    "tokenizer",
    "word_chances",
)
RECIPE = (
    HOME / "config.yml",
    *(HOME / f"{module}.py" for module in MODULES),
    HOME / "reader.safetensors",
    HOME / "typed_words.yml",
    HOME.parent / "requirements" / "bot.txt",
)


@dataclass(frozen=True)
class BotFiles:
    """Where the bot's training data lies and where its models are kept."""

    data: Path = HOME / "data"
    models: Path = HOME / "models"

    def stamp(self) -> str:
        """Twelve hex digits of the sha256 of everything a model is made from."""
        digest = hashlib.sha256()
        for path in (*RECIPE, *sorted(self.data.glob("*.yml"))):
            content = path.read_bytes()
            # The name and the length keep two files from being mistaken for one.
            digest.update(f"{path.name} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()[:12]

    def model(self) -> Path:
        """The file that today's inputs train into, whether or not it is there yet."""
        return self.models / f"know-{self.stamp()}.tar.gz"

    def clear(self, keep: Path) -> list[Path]:
        """Remove every older model; the names of those removed."""
        old = [path for path in sorted(self.models.glob("know-*.tar.gz")) if path != keep]
        for path in old:
            path.unlink()
        return old
