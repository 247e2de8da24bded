"""What a service counts of itself, in one process or several."""
