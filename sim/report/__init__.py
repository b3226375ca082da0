"""What a person sees of a run: pictures, the summary on the terminal, a replication as a story. Computes no statistics."""
