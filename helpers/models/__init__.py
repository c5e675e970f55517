"""What learns: the networks of the lectures, small enough to read."""
