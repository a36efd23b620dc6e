"""A small desk (派遣平台) for trials: receives cases, keeps each once, and can be told to misbehave."""
