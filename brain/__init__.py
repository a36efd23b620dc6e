"""city-brain: from a city's cameras to its dispatch desk.

The way of the data is the list of rooms: ``video`` gives samples, ``inference`` turns them into observations,
``rules`` turn those into findings and findings that last into events, ``cases`` turns events into coded cases,
``dispatch`` delivers them. ``runtime`` holds the processes, ``store`` what must survive.
"""

__version__ = "0.1.0"
