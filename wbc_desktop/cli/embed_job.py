"""The work of ``wbc embed``: fill what similar cells, clusters and the map of a workspace need."""

import time
from contextlib import closing
from pathlib import Path

from wbc_desktop.cli import steps
from wbc_desktop.cli.output import Output
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.embeddings.embedding_fill import fill, fill_text
from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings
from wbc_desktop.services.models.registry import open_active
from wbc_desktop.store.workspace import Workspace


def run_embed(workspace: Path, output: Output) -> None:
    """Compute the embeddings that are missing; damaged files are told and made anew."""
    with Workspace.open(workspace) as opened:
        steps.tell_swept(opened, output)
        embeddings = WorkspaceEmbeddings(opened)
        cells = opened.catalogue.index.load(taxonomy_v1()).cell_id
        missing = embeddings.missing(cells)
        damaged = embeddings.damaged
        for line in damaged:
            output.say(line)
        started, computed, unreadable = time.perf_counter(), 0, 0
        if len(missing):
            predictor = open_active(opened, taxonomy_v1())
            with (
                output.progress("Computing embeddings") as advance,
                closing(fill(opened, predictor, embeddings, missing)) as filling,
            ):
                for step in filling:
                    computed, unreadable = step.done - step.unreadable, step.unreadable
                    advance(step.done, step.total)
        seconds = time.perf_counter() - started
    told = fill_text(computed, seconds, unreadable)
    output.say(told if len(missing) else "Every cell has its embedding already.")
    output.result(
        {
            "cells": len(cells),
            "computed": computed,
            "unreadable": unreadable,
            "damaged": list(damaged),
            "seconds": round(seconds, 3),
        }
    )
