"""Studies: questions that take more than one run, and their results."""
