"""The bill of materials of a bundle: CycloneDX 1.6 as JSON."""

import datetime as dt
import json
import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from parts import Part

_SPEC = "1.6"
_ID = r"[A-Za-z0-9.+]+(?:-[A-Za-z0-9.+]+)+|MIT|Zlib|ISC|blessing|0BSD"
_EXPRESSION = re.compile(rf"({_ID})( (AND|OR|WITH) ({_ID}))*")
_NAMESPACE = uuid.UUID("5f0a8c1e-5a0e-4b0e-9c53-8b9f6d3a7e21")  # ours, drawn once


def write_sbom(
    parts: Iterable[Part], file: Path, *, version: str, edition: str, models: Iterable[Path]
) -> None:
    """Write the bill of materials.

    Args:
        parts: What is bundled.
        file: Is replaced.
        version: Of the program.
        edition: Which of its editions.
        models: Folders of the models that are bundled.
    """
    root = f"pkg:generic/wbc-desktop@{version}"
    components = [*map(_component, parts), *map(_model, models)]
    nested = {c["bom-ref"]: [n["bom-ref"] for n in c.get("components", ())] for c in components}
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": _SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, _digest(components, edition))}",
        "version": 1,
        "metadata": {
            "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "wbc-desktop",
                "version": version,
                "purl": root,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "properties": [{"name": "wbc-desktop:edition", "value": edition}],
            },
        },
        "components": components,
        "dependencies": [
            {"ref": root, "dependsOn": sorted(nested)},
            *({"ref": ref, "dependsOn": sorted(inner)} for ref, inner in sorted(nested.items())),
        ],
    }
    file.write_text(json.dumps(bom, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _component(part: Part) -> dict[str, Any]:
    inner = {each["bom-ref"]: each for bom in part.sboms for each in _inside(part, bom)}
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [_licence(part.licence or "see its text")],
        **(
            {"externalReferences": [{"type": "website", "url": part.home}]}
            if part.home.startswith("http")
            else {}
        ),
        **({"components": list(inner.values())} if inner else {}),
    }


def _licence(told: str) -> dict[str, Any]:
    """One SPDX expression, or a name."""
    if _EXPRESSION.fullmatch(told):
        return {"expression": told}
    return {"license": {"name": told}}


def _inside(part: Part, bom: Path) -> Iterable[dict[str, Any]]:
    """What a wheel says is built into it: its own bill of materials."""
    for found in json.loads(bom.read_text(encoding="utf-8")).get("components", ()):
        name, version = str(found.get("name", "")), str(found.get("version", ""))
        if not name or name == part.name:
            continue
        yield {
            "type": "library",
            "bom-ref": f"{part.purl}#{name}@{version}",
            "name": name,
            "version": version,
            **({"purl": found["purl"]} if found.get("purl") else {}),
        }


def _model(folder: Path) -> dict[str, Any]:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{card['model_id']}",
        "name": card["model_id"],
        "version": str(card.get("version", "")),
        "licenses": [{"license": {"name": "see its card.json and NOTICE"}}],
    }


def _digest(components: Iterable[dict[str, Any]], edition: str) -> str:
    return "\n".join([edition, *sorted(each["bom-ref"] for each in components)])
