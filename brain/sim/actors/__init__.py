"""Who moves: vehicles, riders and walkers on timed tracks."""
