"""The command line: one thin file per command group; the rooms do the work."""
