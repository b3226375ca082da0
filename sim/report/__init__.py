"""What a person sees of a run: pictures, the summary on the terminal, a story in words. Computes no statistics."""
