"""What the model says of cells: classes, evidence, scale, slides unlike the training sites.

Read ``classify`` first: cells in, batches of predictions out, nothing written. ``reclassify`` does
it again for another model, ``slide_assessment`` looks at slides as a whole, ``class_shares`` at
patients, ``evidence`` at one crop; ``rendered_references`` and ``crop_sizes`` need no network.
One more thing a model says: a method of ``model.inference.predictor.Predictor``, and a module here
that hands it to the window as types of ``domain``.
"""
