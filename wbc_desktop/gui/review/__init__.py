"""Labelling cells: keys and gestures that become commands, the review queue, groups, attributes.

Read ``review_controller`` first: ``ReviewWorkflow`` puts the room together, ``ReviewController``
turns what the reader does into one command of the session each. ``review_target`` says for which
cells, ``queue_controller`` leads from one doubtful cell to the next, ``accept_group_controller``
accepts a group after a look; bars, strips, menus and the class palette only show and ask.

One more way to label: a method of ``ReviewController`` that goes through ``carry_out``, bound to an
action (``gui/commands``). One more view whose cells keys label: give it the methods of
``ReviewTarget`` and hand it to ``set_target``. One more reason to be in the queue: see
``domain/review/queue``, and its words in ``queue_controller``.
"""
