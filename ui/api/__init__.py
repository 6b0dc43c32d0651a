"""The library for other programs, over HTTP: Footnote's own doors, and OpenAI's."""
