"""What the product costs, beside what it cannot do without: measured in one run, on this machine."""
