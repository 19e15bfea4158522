"""The cell classes and attributes, and how a workspace changes them; rules without a window.

Read ``classes`` first: the table of classes that the program brings, and the tree they form.
``class_definitions`` is what a workspace keeps of its changes, ``edits`` makes such changes,
``checks`` says what they must fulfil, ``class_file`` carries them to another workspace;
``attributes`` are what cells show beside their class. One more class: see CONTRIBUTING.md. One more
built-in attribute: a row at the end of the table in ``attributes``.
"""
