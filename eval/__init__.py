"""Evaluation: how well Footnote finds papers and answers, through the same code as the browser."""
