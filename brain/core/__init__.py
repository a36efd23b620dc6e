"""Types, time, geometry and errors that every room speaks. Imports nothing of ours."""
