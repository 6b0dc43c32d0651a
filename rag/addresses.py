"""Where a paper can be read."""

from __future__ import annotations

from urllib.parse import urlsplit

from rag.records import Paper


def address(paper: Paper) -> str:
    """A web address of the paper, or empty. Nothing but http and https is one.

    >>> address(Paper("x", "", "", doi="10.1/x", url="javascript:alert(1)"))
    'https://doi.org/10.1/x'
    """
    known = (
        paper.url,
        f"https://doi.org/{paper.doi}" if paper.doi else "",
        f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else "",
    )
    return next((one.strip() for one in known if _is_web(one.strip())), "")


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(text.split()) == 1
    except ValueError:
        return False
