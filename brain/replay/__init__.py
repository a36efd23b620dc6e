"""Recorded video through the same code that watches live cameras, in media time, as fast as it goes."""
