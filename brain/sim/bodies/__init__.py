"""What is drawn: vehicles, two- and three-wheelers, people, things. Each file adds its kinds to ``BODIES``."""
