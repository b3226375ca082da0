"""Statistics of first contact: exact mergeable summaries, and estimates from them. No files, no pictures."""
