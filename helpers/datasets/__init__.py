"""What we learn from: assets made by others, notes, tunes, chorales and toys. `python -m helpers.datasets` fetches and builds it all."""
