"""Inference: what a model says of crops. The one door of the application is `predictor`.

`engines` runs the backbone on ONNX Runtime or torch, `onnx_weights` puts the weights of a
fine-tuned model into its base's graph, `evidence` says which part of a crop spoke for a class,
`test_time_augmentation` averages turned and mirrored views. One more engine: see `engines`.
"""
