"""How far a prediction can be believed: confidence, prediction sets, OOD score, slides, shares.

Begin with `estimator`: what is fitted once on the calibration set (`calibration_set`) and kept
beside the weights. Of a cell: `calibration` (temperature), `conformal` (prediction sets), `ood`. Of
a slide: `slide_shift` (an alarm), `label_shift` (class shares), `site_alignment` and `class_prior`
(the two label-free steps). `uncertainty_figures` and `slide_figures` measure how far all of this
holds, `uncertainty_report` prints it.

One more estimate: a module of pure numpy functions with formula and source, a field of
`estimator.UncertaintyEstimator` that is fitted, written and read there, and its figure in
`uncertainty_figures`.
"""
