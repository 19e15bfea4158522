"""The hands of the gallery: ``mouse``, ``keyboard``, ``drag`` and ``drop_target``.

All of them change the selection through ``selector``, so that a click and a key do the same. To add
a key, add its move to ``keyboard``; a new gesture of the mouse is a branch of ``mouse``.
"""
