"""The edges that people touch: command line and browser. Layout and events, no logic of the field."""
