"""What must survive: one database and one evidence folder."""
