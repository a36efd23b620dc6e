"""What people and machines see of a running service: status page, JSON, pictures, metrics. Read-only, loopback only."""
