"""Patients and slides: the tree at the left, and what is said of a slide as a whole.

Begin with ``slide_quality``, which decides what the banner and the tree say. One more measure of a
slide: its words in ``_SUBJECTS`` there.
"""
