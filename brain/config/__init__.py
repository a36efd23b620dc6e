"""Settings: pydantic models, YAML with file and line in every error, secrets kept apart, where files lie."""
