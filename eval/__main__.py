"""`python -m eval …` is `footnote eval …`."""

from eval.cli import app

app(prog_name="footnote eval")
