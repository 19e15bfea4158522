"""Crops on their way to the network: read, cut to one scale, split, augmented, drawn for batches.

Begin with `crop_set`: the manifest and the crops in memory. `scale.preprocess` cuts a crop to the
network's window, in training and in use alike. `domains` says what each training domain labels,
`split` what is held out, `sampling_weights` how often each crop is drawn. `augment` and `stain`
change crops at random; `appearance` measures stain, light and sharpness of a prepared crop.

One more domain: a row in `domains.DOMAINS`, and its crops in the manifest. One more augmentation: a
step in `augment`. Another way of knowing the scale: see `scale`.
"""
