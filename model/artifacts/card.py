"""The model card: what a model is, what it was trained on, how well it does, what it must not do.

`card.json` lies beside the weights it describes and holds the sha256 of each of them; one hash
over those names the model in every prediction. To add a fact: put it into `CardFacts`, and into
`docs/model.md` where a person should read it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from model.artifacts.array_files import write_atomically
from model.data.domains import DOMAINS, RENDERED, labelled_leaves
from model.data.scale import INPUT_SIZE, WINDOW_PER_NUCLEUS, WINDOW_UM
from model.hierarchy import LEAVES, PARENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from model.training.config import TrainConfig

CARD_NAME: Final = "card.json"
CARD_VERSION: Final = 1
CARD_KEYS: Final = frozenset(
    {
        "model_id",
        "intended_use",
        "classes",
        "data",
        "masking",
        "rights",
        "metrics",
        "limits",
        "config",
        "rebuild",
        "files",
    }
)
INTENDED_USE: Final = (
    "Research use only. The model suggests a class for single-cell crops that a person reviews. "
    "It is not a medical device and must not be used for diagnosis."
)

SPLIT_BY_CROP: Final = (
    "The sources carry no patient ids, so the split is by crop (by field in bccd) and not by "
    "patient: figures on the test split are optimistic for new patients of the same source."
)
NO_UNSEEN_SITE: Final = (
    "Every real source was seen in training: the figures say nothing about a laboratory, stain "
    "or camera that was not."
)
CALIBRATED_HERE: Final = "Probabilities are calibrated on crops of the training sources only."
SOURCE_LABELS: Final = "Labels are those of the sources."
MERGED_BANDS: Final = ("bccd", "jiangxi_tecom")  # they label neutrophils, bands among them
DOUBTFUL_LABELS: Final = MappingProxyType(
    {
        "choi_bonemarrow": (
            "The class names of choi_bonemarrow were inferred from the paper's order."
        ),
        "jiangxi_tecom": "Some labels of jiangxi_tecom are doubtful.",
    }
)


class ModelFileError(ValueError):
    """A model folder is incomplete, damaged, or does not fit this version."""


@dataclass(frozen=True)
class CardFacts:
    """What a training run knows and a card tells.

    Attributes:
        config: of the run.
        counts: crops per domain, class and part of the split.
        metrics: of `model.training.evaluate`, per domain.
        temperature: of the head.
        masking: in words, how leaves that a domain does not label were treated.
    """

    config: TrainConfig
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    metrics: Mapping[str, Any]
    temperature: float
    masking: str


def build_card(
    facts: CardFacts, files: Mapping[str, str], *, replay: Mapping[str, Any]
) -> dict[str, Any]:
    """Put a card together.

    Args:
        facts: of the training run.
        files: sha256 (hex) by file name.
        replay: of `model.artifacts.replay_memory.describe_replay`.
    """
    unseen = rendered_only(facts.counts)
    return {
        "card_version": CARD_VERSION,
        "model_id": facts.config.model_id,
        "intended_use": INTENDED_USE,
        "classes": list(LEAVES),
        "parents": {parent: list(leaves) for parent, leaves in PARENTS.items()},
        "rendered_only": unseen,
        "input": {
            "crops": f"uint8 (n, {INPUT_SIZE}, {INPUT_SIZE}, 3), sRGB, one cell in each",
            "window_um": WINDOW_UM,
            "window_without_scale": f"{WINDOW_PER_NUCLEUS} times the nucleus' diameter",
            "outputs": "embedding float32 (n, 1280); feature map float32 (n, 1280, 4, 4)",
        },
        "backbone": "tf_efficientnet_lite0 (timm), from ImageNet weights, frozen BatchNorm",
        "temperature": facts.temperature,
        "data": {domain: describe_domain(domain, facts.counts[domain]) for domain in facts.counts},
        "replay": dict(replay),
        "masking": facts.masking,
        "rights": {
            "weights": "Apache-2.0, as far as the rights in the training data below allow",
            "training_data": {domain: DOMAINS[domain].rights for domain in facts.counts},
        },
        "metrics": dict(facts.metrics),
        "limits": limits_of(facts.counts, rendered_only=unseen),
        "seeds": {"all": facts.config.seed},
        "config": facts.config.to_json(),
        "rebuild": (
            "uv run python -m model train --data $WBC_DATA "
            "--config config.json --out DIR (config.json: the value of `config` here)"
        ),
        "files": dict(files),
    }


def rendered_only(counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[str]:
    """Name the leaves of which no real crop was trained on, in the order of `LEAVES`.

    Args:
        counts: crops per domain, class and part of the split.
    """
    real = {
        label
        for domain, labels in counts.items()
        if domain != RENDERED
        for label, parts in labels.items()
        if parts.get("train", 0)
    }
    known = labelled_leaves(real)
    return [leaf for leaf in LEAVES if leaf not in known]


def limits_of(
    counts: Mapping[str, Mapping[str, Mapping[str, int]]], *, rendered_only: Sequence[str]
) -> list[str]:
    """Say in plain words what the figures of a model cannot say.

    A limit that comes from one source of crops is told only of models that were trained on it.

    Args:
        counts: crops it was trained on, per domain, class and part of the split.
        rendered_only: leaves of which no real crop was trained on.
    """
    limits = [SPLIT_BY_CROP, NO_UNSEEN_SITE]
    if rendered_only:
        limits.append(
            f"No real cell of {', '.join(rendered_only)} was seen in training, rendered ones at "
            "best; no figure on real cells exists for them."
        )
    blasts = [name for name in counts if name != RENDERED and "blast" in counts[name]]
    if blasts and all(DOMAINS[name].tissue == "bone marrow" for name in blasts):
        limits.append("Blasts were seen in bone marrow only.")
    if merged := [name for name in MERGED_BANDS if name in counts]:
        limits.append(
            f"Band and segmented neutrophils are not told apart in the labels of "
            f"{' and '.join(merged)}; between these two the model is untested there."
        )
    doubts = [text for name, text in DOUBTFUL_LABELS.items() if name in counts]
    return [*limits, " ".join([SOURCE_LABELS, *doubts]), CALIBRATED_HERE]


def describe_domain(name: str, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Describe one training domain: tissue, licence, citation and its counts."""
    domain = DOMAINS[name]
    return {
        "tissue": domain.tissue,
        "licence": domain.licence,
        "citation": domain.citation,
        "um_per_px": domain.um_per_px,
        "surely_absent": list(domain.surely_absent),
        "crops": {label: dict(parts) for label, parts in counts.items()},
    }


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_sha256(card: Mapping[str, Any]) -> str:
    """Return one sha256 (hex) over the hashes of a model's files, as its card states them.

    A model that lies over another (`model.artifacts.layered_model`) is named by the other's digest
    too.
    """
    named = card["files"]
    if "base" in card:
        named = {"files": named, "base": card["base"]["model_sha256"]}
    stated = json.dumps(named, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(stated.encode()).hexdigest()


def read_card(folder: Path) -> dict[str, Any]:
    """Read the card of a model folder.

    Raises:
        ModelFileError: there is no card, or it cannot be understood.
    """
    try:
        card = json.loads((folder / CARD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{folder / CARD_NAME} cannot be read: {error}") from error
    if not isinstance(card, dict) or card.get("card_version") != CARD_VERSION:
        raise ModelFileError(f"{folder / CARD_NAME} is not a card of version {CARD_VERSION}")
    if absent := sorted(CARD_KEYS - set(card)):
        raise ModelFileError(f"{folder / CARD_NAME} lacks {', '.join(absent)}")
    return card


def verify_files(folder: Path, card: Mapping[str, Any], names: Iterable[str]) -> None:
    """Check files of a model against the hashes in its card.

    Raises:
        ModelFileError: a file is missing or differs; the message names it.
    """
    for name in names:
        path = folder / name
        if not path.is_file():
            raise ModelFileError(f"{path} is missing")
        if sha256_of(path) != card["files"].get(name):
            raise ModelFileError(f"{path} is not the file that its card describes")


def write_json(path: Path, value: object) -> None:
    """Write JSON for people to read, whole or not at all."""
    write_atomically(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def render_card(card: Mapping[str, Any]) -> str:
    """Render a card as Markdown, for `python -m model card`."""
    lines = [f"# {card['model_id']}", "", card["intended_use"], "", *render_scores(card)]
    lines += [
        "",
        "## Training data",
        "",
        "| domain | tissue | crops | licence |",
        "|---|---|---:|---|",
    ]
    for domain, data in card["data"].items():
        crops = sum(sum(parts.values()) for parts in data["crops"].values())
        lines.append(f"| {domain} | {data['tissue']} | {crops} | {data['licence']} |")
    if card.get("rendered_only"):
        lines += ["", f"Known from rendered cells only: {', '.join(card['rendered_only'])}."]
    if unseen := card.get("unseen_domains"):
        lines += ["", "## The recipe on domains left out of training", "", *unseen]
    lines += render_fewer_sources(card.get("fewer_sources"))
    lines += render_replay(card.get("replay"))
    lines += ["", card["masking"], "", "## Rights of the training data", ""]
    lines += [f"- {name}: {text}" for name, text in card["rights"]["training_data"].items()]
    lines += ["", "## Limits", "", *(f"- {limit}" for limit in card["limits"])]
    lines += ["", "## Citations", ""]
    lines += [f"- {name}: {data['citation']}" for name, data in card["data"].items()]
    lines += ["", "## Rebuild", "", f"    {card['rebuild']}", ""]
    return "\n".join(lines)


def render_scores(card: Mapping[str, Any]) -> list[str]:
    """Render the scores: of the test split, or of what a site's model had not learned from."""
    test = card["metrics"]["test"]
    if "base" not in card:
        lines = ["## Test split", "", "| domain | crops | macro-F1 | calibration error |"]
        rows = [f"| {name} | {m['n']} | {m['macro_f1']} | {m['ece']} |" for name, m in test.items()]
        return [*lines, "|---|---:|---:|---:|", *rows]
    trained, before = card["trained_on"], card["metrics"]["before"]
    each = ", ".join(f"{label} {n}" for label, n in trained["per_class"].items())
    lines = [
        f"Made at a site from {trained['cells']} cells ({each}), over {card['base']['model_id']}."
    ]
    lines += ["", "## Cells it has not learned from", ""]
    lines += [f"| where | cells | macro-F1 | before, {card['parent']['model_id']} |"]
    rows = [
        f"| {name} | {m['n']} | {m['macro_f1']} | {before[name]['macro_f1']} |"
        for name, m in test.items()
    ]
    return [*lines, "|---|---:|---:|---:|", *rows]


def render_fewer_sources(comparison: Mapping[str, Any] | None) -> list[str]:
    """Render what the same recipe reaches on fewer sources, if somebody measured it."""
    if comparison is None:
        return []
    lines = ["", f"## The same recipe on {', '.join(comparison['sources'])} alone", ""]
    lines += ["| domain | crops | macro-F1 | calibration error |", "|---|---:|---:|---:|"]
    for part, words in (("test", "test split"), ("unseen", "never seen")):
        for domain, metrics in comparison[part].items():
            lines.append(
                f"| {domain}, {words} | {metrics['n']} | {metrics['macro_f1']} | {metrics['ece']} |"
            )
    return lines


def render_replay(replay: Mapping[str, Any] | None) -> list[str]:
    """Render what a replay memory holds; models made before there was one have none."""
    if replay is None:
        return []
    megabytes = replay["bytes"] / 1e6
    lines = ["", f"## Replay memory ({megabytes:.1f} MB)", "", replay["holds"], ""]
    lines += ["| domain | cells | of each class | licence |", "|---|---:|---|---|"]
    for domain, labels in replay["cells"].items():
        each = ", ".join(f"{label} {n}" for label, n in labels.items())
        licence = replay["licences"][domain]
        lines.append(f"| {domain} | {sum(labels.values())} | {each} | {licence} |")
    return lines
