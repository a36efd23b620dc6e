"""Processes: one service that owns the database, and workers that each watch a shard of the cameras."""
