"""What we learn from: assets made by others, notes, tunes, chorales, toys. `python -m helpers.datasets` fetches and builds them."""
