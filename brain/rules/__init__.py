"""The rule words, pure: what detections mean for a zone, and when findings become an event.

A rule word (``present``, ``stationary``, ``count``, ``change``; one small file each) turns the observations of one
sample into a finding. ``watch`` counts watched seconds, ``lifecycle`` folds findings into raised, updated and ended.
Nothing here reads a clock, a file or an image.
"""
