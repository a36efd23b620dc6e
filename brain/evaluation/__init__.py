"""Scores of recorded video: alarms held against what a person saw, as events; pictures against labelled ones."""
