"""The pure mathematics of each topic: numpy and torch in, numbers out, no widgets."""
