"""Procedural blood smears: what one field under the microscope is made of.

A crop is built the way light builds it. Red cells, one white cell, platelets and dirt are painted
as amounts of dye on a grid in micrometres (`canvas`); the site's stain vectors turn the amounts
into optical density and the site's camera turns light into pixels (`optics`).

- `renderer`: the way in; crops, whole films, and how a field is put together.
- `noise`: band-limited textures and granule fields, made once and shared.
- `canvas`: the grid, and signed distances with soft edges on it.
- `redcells`, `nuclei`, `whitecells`, `fragments`: what is painted.
- `stains`: the five dyes.
- `recipes`: one table row per class: sizes, nucleus, stain, granules.
- `sites`: one table row per laboratory: dyes, scale, camera, case mix.
- `ood_negatives`: crops without a white cell, to test the OOD score.
- `sheet`: contact sheets to judge the result by eye.

One more class: a row in `recipes.RECIPES` (a new nucleus shape goes to `nuclei`).
One more laboratory: a row in `sites.SITES`.
"""
