"""The bill of materials of a bundle: CycloneDX 1.6 as JSON, checked against its schema."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from parts import Part

_NAMESPACE = uuid.UUID("5f0a8c1e-5a0e-4b0e-9c53-8b9f6d3a7e21")  # ours, drawn once
_LICENCES = LicenseFactory()


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

    Raises:
        SystemExit: If what was made is no valid CycloneDX.
    """
    purl = f"pkg:generic/wbc-desktop@{version}"
    program = Component(
        type=ComponentType.APPLICATION,
        bom_ref=purl,
        name="wbc-desktop",
        version=version,
        purl=PackageURL.from_string(purl),
        licenses=[_LICENCES.make_from_string("Apache-2.0")],
        properties=[Property(name="wbc-desktop:edition", value=edition)],
    )
    components = [*map(_component, parts), *map(_model, models)]
    identity = "\n".join([edition, *sorted(str(each.bom_ref.value) for each in components)])
    bom = Bom(
        components=components,
        metadata=BomMetaData(
            component=program, timestamp=dt.datetime.now(dt.UTC).replace(microsecond=0)
        ),
        serial_number=uuid.uuid5(_NAMESPACE, identity),
    )
    bom.register_dependency(program, components)
    for each in components:
        bom.register_dependency(each, each.components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        raise SystemExit(f"The bill of materials is no valid CycloneDX: {wrong}")
    file.write_text(text + "\n", encoding="utf-8")


def _component(part: Part) -> Component:
    home = [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(part.home))]
    inner = {each.bom_ref.value: each for bom in part.sboms for each in _inside(part, bom)}
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=part.purl,
        name=part.name,
        version=part.version,
        purl=PackageURL.from_string(part.purl),
        licenses=[_LICENCES.make_from_string(part.licence or "see its text")],
        external_references=home if part.home.startswith("http") else (),
        components=inner.values(),
    )


def _inside(part: Part, bom: Path) -> Iterable[Component]:
    """What a wheel says is built into it: its own bill of materials, of any version."""
    for found in json.loads(bom.read_text(encoding="utf-8")).get("components", ()):
        name, version = str(found.get("name", "")), str(found.get("version", ""))
        if not name or name == part.name:
            continue
        yield Component(
            type=ComponentType.LIBRARY,
            bom_ref=f"{part.purl}#{name}@{version}",
            name=name,
            version=version,
            purl=PackageURL.from_string(found["purl"]) if found.get("purl") else None,
        )


def _model(folder: Path) -> Component:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model:{card['model_id']}",
        name=card["model_id"],
        version=str(card.get("version", "")),
        licenses=[_LICENCES.make_from_string("see its card.json and NOTICE")],
    )
