"""Event logs in words: `context` of each entry, routine that `condense` leaves out, `sentences`, `outcomes` by line,
and the `story` made of them, as text, Markdown and JSON."""
