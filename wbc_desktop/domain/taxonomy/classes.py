"""The cell classes: a tree with stable ids, names, colours, keys and code aliases.

The leaves are what the network predicts. A parent's probability is the sum of its leaves. To add
a class, append a ``CellClass`` to the table in ``taxonomy_v1``: ids are never reused or
renamed, because events and exports refer to them for ever. A workspace may rename, hide and merge
these classes and append some of its own: see ``class_definitions``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

UNIDENTIFIED = "unidentified"
ARTEFACT = "artefact"

_RUNNING_NUMBER = re.compile(r"^\d+[-_ ]+(?=\D)")  # "15-SEG": a running number before the code
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class CellClass:
    """One class of the taxonomy.

    Attributes:
        id: Stable id, snake_case; written to events and exports.
        code: Three letters shown on tiles, so that colour is never alone.
        name: Singular name for people.
        hotkey: The key that gives this label.
        colour_light: sRGB ``#RRGGBB``, at least 3:1 against the light surface.
        colour_dark: The same for the dark surface.
        parent: Id of the parent class, or None.
        leaf: True if the network predicts it; classes of a workspace may stand below it.
        counted: True if it belongs to the 100 % of the differential.
        aliases: Names and codes of public data sets that mean this class.
        loinc: Method-free LOINC code of its share per 100 leukocytes, or None.
        hidden: Not offered for labels; cells that carry it stay as they are.
        merged_into: Id of the class that its cells count as, or None.
    """

    id: str
    code: str
    name: str
    hotkey: str
    colour_light: str
    colour_dark: str
    parent: str | None = None
    leaf: bool = True
    counted: bool = True
    aliases: tuple[str, ...] = ()
    loinc: str | None = None
    hidden: bool = False
    merged_into: str | None = None

    @property
    def offered(self) -> bool:
        """True if cells can be given this label now."""
        return not self.hidden and self.merged_into is None


def alias_key(text: str) -> str:
    """Return ``text`` as it is compared: no case, no separators, no leading running number."""
    return _NOT_ALPHANUMERIC.sub("", _RUNNING_NUMBER.sub("", text.strip())).casefold()


@dataclass(frozen=True)
class Taxonomy:
    """An ordered set of classes; the position of a class is its ordinal in numpy columns.

    Attributes:
        version: Name of the taxonomy, written into the workspace.
        classes: All classes, leaves first, in the order of every export and palette; those of a
            workspace last.
        base: The taxonomy that a workspace has changed, or None if this one is unchanged.
    """

    version: str
    classes: tuple[CellClass, ...]
    base: "Taxonomy | None" = None

    @property
    def root(self) -> "Taxonomy":
        """The taxonomy without the changes of a workspace."""
        return self.base or self

    @cached_property
    def offered(self) -> tuple[CellClass, ...]:
        """The classes that cells can be given now, in order: neither hidden nor merged."""
        return tuple(c for c in self.classes if c.offered)

    @cached_property
    def counted_as(self) -> Mapping[str, str]:
        """By id of each class: the class its cells count as, itself unless it was merged."""
        found: dict[str, str] = {}
        for cell_class in self.classes:
            last = cell_class
            while last.merged_into is not None:
                last = self.by_id[last.merged_into]
            found[cell_class.id] = last.id
        return MappingProxyType(found)

    @cached_property
    def counting_ordinals(self) -> Mapping[str, int]:
        """By id of each class: the ordinal of the class its cells count as."""
        return MappingProxyType({i: self.ordinals[end] for i, end in self.counted_as.items()})

    @cached_property
    def by_id(self) -> Mapping[str, CellClass]:
        """Classes by id."""
        return MappingProxyType({c.id: c for c in self.classes})

    @cached_property
    def ordinals(self) -> Mapping[str, int]:
        """Position of each class id in ``classes``."""
        return MappingProxyType({c.id: i for i, c in enumerate(self.classes)})

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Ids the network predicts, in order: the columns of every probability array."""
        return tuple(c.id for c in self.classes if c.leaf)

    @cached_property
    def _by_alias(self) -> Mapping[str, str]:
        table: dict[str, str] = {}
        for cell_class in self.classes:
            for text in (cell_class.id, cell_class.name, cell_class.code, *cell_class.aliases):
                known = table.setdefault(alias_key(text), cell_class.id)
                if known != cell_class.id:
                    raise ValueError(f"alias {text!r} means both {known} and {cell_class.id}")
        return MappingProxyType({key: self.counted_as[i] for key, i in table.items()})

    def resolve(self, text: str) -> str | None:
        """Return the id of the class that a name, code or alias means, or None.

        What means a class that was merged means the class its cells count as.
        """
        key = alias_key(text)
        if not key:
            return None
        # Folders of a data set are often plural: "neutrophils".
        return self._by_alias.get(key) or self._by_alias.get(key.removesuffix("s"))

    def leaves_of(self, class_id: str) -> tuple[str, ...]:
        """Return the leaves below a class: itself if it is a leaf, none for ``unidentified``."""
        if self.by_id[class_id].leaf:
            return (class_id,)
        return tuple(c.id for c in self.classes if c.leaf and c.parent == class_id)

    def below(self, class_id: str) -> tuple[str, ...]:
        """Return the ids of all classes below a class, at any depth, in order."""
        inside = {class_id}
        while grown := {c.id for c in self.classes if c.parent in inside} - inside:
            inside |= grown
        return tuple(c.id for c in self.classes if c.id in inside and c.id != class_id)

    def own(self, class_id: str) -> bool:
        """Tell whether the workspace has defined this class; the model knows nothing of it."""
        return class_id not in self.root.ordinals

    def parents(self) -> tuple[str, ...]:
        """Return the ids that have leaves below them."""
        return tuple(c.id for c in self.classes if not c.leaf and self.leaves_of(c.id))

    def known(self, class_ids: Iterable[str]) -> bool:
        """Tell whether every id belongs to this taxonomy."""
        return all(class_id in self.by_id for class_id in class_ids)


def taxonomy_v1() -> Taxonomy:
    """Return the first taxonomy of the product."""
    return Taxonomy(version="wbc-1", classes=_CLASSES_V1)


_CLASSES_V1 = (
    CellClass(
        id="neutrophil_segmented",
        code="SEG",
        name="Segmented neutrophil",
        hotkey="1",
        colour_light="#00636C",
        colour_dark="#00CFAE",
        parent="neutrophil",
        aliases=("NGS", "SNE", "neutrophil segmented", "segmented", "seg neutrophil", "poly"),
        loinc="26505-8",
    ),
    CellClass(
        id="neutrophil_band",
        code="BND",
        name="Band neutrophil",
        hotkey="2",
        colour_light="#41719F",
        colour_dark="#609ACA",
        parent="neutrophil",
        aliases=("NGB", "BNE", "band", "stab", "neutrophil banded", "stab neutrophil"),
        loinc="26508-2",
    ),
    CellClass(
        id="eosinophil",
        code="EOS",
        name="Eosinophil",
        hotkey="5",
        colour_light="#D65C0A",
        colour_dark="#D07F1C",
        aliases=("EO", "ABE", "eosinophil granulocyte", "eosi"),
        loinc="26450-7",
    ),
    CellClass(
        id="basophil",
        code="BAS",
        name="Basophil",
        hotkey="6",
        colour_light="#171042",
        colour_dark="#9696FF",
        aliases=("BA", "BSO", "baso", "basophil granulocyte"),
        loinc="30180-4",
    ),
    CellClass(
        id="lymphocyte",
        code="LYM",
        name="Lymphocyte",
        hotkey="3",
        colour_light="#4D926D",
        colour_dark="#AFFF9B",
        aliases=("LY", "LYT", "LYMPH-typ", "lymphocyte typical", "lymp", "lymph"),
        loinc="26478-8",
    ),
    CellClass(
        id="lymphocyte_reactive",
        code="RLY",
        name="Reactive lymphocyte",
        hotkey="7",
        colour_light="#628B46",
        colour_dark="#ADF432",
        aliases=("LYA", "LYMPH-reaktiv", "lymphocyte atypical", "atypical lymphocyte", "RL"),
        loinc="13046-8",
    ),
    CellClass(
        id="monocyte",
        code="MON",
        name="Monocyte",
        hotkey="4",
        colour_light="#8F4800",
        colour_dark="#F8AE06",
        aliases=("MO", "mono"),
        loinc="26485-3",
    ),
    CellClass(
        id="blast",
        code="BLA",
        name="Blast",
        hotkey="8",
        colour_light="#570083",
        colour_dark="#FFCBFF",
        aliases=("MYO", "MOB", "MYBL", "myeloblast", "monoblast"),
        loinc="26446-5",
    ),
    CellClass(
        id="promyelocyte",
        code="PRO",
        name="Promyelocyte",
        hotkey="9",
        colour_light="#3B0562",
        colour_dark="#B451DF",
        parent="immature_granulocyte",
        aliases=("PMO", "PMY", "PMB", "FGC", "PMYEL", "promyelocyte atypical", "Atyp-PMYEL"),
        loinc="26524-9",
    ),
    CellClass(
        id="myelocyte",
        code="MYE",
        name="Myelocyte",
        hotkey="0",
        colour_light="#5F589E",
        colour_dark="#C0B9F9",
        parent="immature_granulocyte",
        aliases=("MY", "MYB", "MYEL", "MC"),
        loinc="26498-6",
    ),
    CellClass(
        id="metamyelocyte",
        code="MET",
        name="Metamyelocyte",
        hotkey="M",
        colour_light="#3546C4",
        colour_dark="#5976FF",
        parent="immature_granulocyte",
        aliases=("MMY", "MMZ", "meta"),
        loinc="28541-1",
    ),
    CellClass(
        id="plasma_cell",
        code="PLA",
        name="Plasma cell",
        hotkey="L",
        colour_light="#003925",
        colour_dark="#94EFB6",
        aliases=("PLM", "PLZ", "PC", "plasmacyte"),
        loinc="13047-6",
    ),
    CellClass(
        id="erythroblast",
        code="ERY",
        name="Erythroblast",
        hotkey="Y",
        colour_light="#700006",
        colour_dark="#E73179",
        counted=False,
        aliases=("EBO", "PEB", "ERB", "normoblast", "NORMO", "NRBC", "proerythroblast"),
        loinc="19048-8",
    ),
    CellClass(
        id="smudge_cell",
        code="SMU",
        name="Smudge cell",
        hotkey="K",
        colour_light="#544E43",
        colour_dark="#9E9E9E",
        counted=False,
        aliases=("KSC", "smudge", "Kernschatten", "basket cell"),
        loinc="34992-8",
    ),
    CellClass(
        id="platelet",
        code="PLT",
        name="Platelet",
        hotkey="T",
        colour_light="#746F78",
        colour_dark="#978F9C",
        counted=False,
        aliases=("thrombocyte", "giant platelet"),
    ),
    CellClass(
        id=ARTEFACT,
        code="ART",
        name="Artefact",
        hotkey="X",
        colour_light="#414545",
        colour_dark="#E8E8E8",
        counted=False,
        aliases=("artifact", "not a cell"),
    ),
    CellClass(
        id="neutrophil",
        code="NEU",
        name="Neutrophil, not further specified",
        hotkey="J",
        colour_light="#00506E",
        colour_dark="#48B1D8",
        leaf=False,
        aliases=("NE", "neut", "neu", "neutro", "neutrophil granulocyte"),
        loinc="26511-6",
    ),
    CellClass(
        id="immature_granulocyte",
        code="IMG",
        name="Immature granulocyte, not further specified",
        hotkey="I",
        colour_light="#4025BA",
        colour_dark="#7F81F8",
        leaf=False,
        aliases=("IG", "immature granulocyte"),
        loinc="38518-7",
    ),
    CellClass(
        id=UNIDENTIFIED,
        code="UNI",
        name="Unidentified",
        hotkey="U",
        colour_light="#703B00",
        colour_dark="#EAC479",
        leaf=False,
        counted=False,
        aliases=("not classed", "unknown", "OTH", "NIF"),
    ),
)
