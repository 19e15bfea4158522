"""The class editor: classes of a workspace are renamed, hidden, merged, split or added.

Begin with ``taxonomy_controller``; ``taxonomy_editor`` is the window it opens. One more act: a
button there, its question in ``taxonomy_dialogs``, and its command in ``services/session``.
"""
