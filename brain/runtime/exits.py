"""Exit codes of a worker, apart from those of its errors."""

SERVICE_GONE = 3
REPLACED = 4
BROKEN = 5
