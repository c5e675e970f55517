"""What stands behind `helpers.train`: the loop is there, and its history, watching, checkpoints, several GPUs here."""
