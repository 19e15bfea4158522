"""What the Help menu opens: About, the tour, crash reports; and what is offered at the start.

Begin with ``help_controller``. One more card of the tour: a ``TourStep``. One more offer at the
start: a method of ``StartupOffers``.
"""
