"""Footnote's engine: from a pile of abstracts and a question to an answer whose sentences are cited.

The story is in `rag.answer`; `rag.assemble` builds the parts that it uses.
"""
