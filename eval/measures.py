"""Measures of a ranking, all computed by ir-measures (trec_eval's definitions).

| name | meaning |
|---|---|
| nDCG@10 | discounted cumulative gain of the first ten over the best possible; Järvelin and Kekäläinen 2002 |
| R@10, R@50 | share of the relevant papers among the first 10, 50 |
| RR@10 | 1 / place of the first relevant paper, 0 from place 11 on; its mean is MRR@10 |
| Success@1, Success@3 | 1 when a relevant paper is among the first 1, 3 |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RETRIEVAL = ("nDCG@10", "R@10", "R@50", "RR@10")
"""Measures of a collection."""
FINDING = ("nDCG@10", "R@10", "RR@10", "Success@1", "Success@3")
"""Measures of a library's own questions."""

Qrels = Mapping[str, Mapping[str, int]]
"""Query id → paper id → grade; 0 is not relevant."""
Rankings = Mapping[str, Sequence[str]]
"""Query id → paper ids, best first."""


def per_query(
    qrels: Qrels, rankings: Rankings, names: Sequence[str] = RETRIEVAL
) -> dict[str, dict[str, float]]:
    """Each measure for each query of the qrels.

    A query without a ranking, or with an empty one, scores zero and does not vanish. Only the order
    of a ranking counts: scores are made from places, because trec_eval breaks ties of equal scores
    by paper id and would judge another order than the one shown.

    Returns:
        query id → measure → value, in the order of the qrels.
    """
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in names]
    judged = [ir_measures.Qrel(q, d, grade) for q, row in qrels.items() for d, grade in row.items()]
    run = [
        ir_measures.ScoredDoc(q, d, float(-place))
        for q, ranking in rankings.items()
        if q in qrels
        for place, d in enumerate(ranking)
    ]
    values = {query: dict.fromkeys(names, 0.0) for query in qrels}
    for metric in ir_measures.iter_calc(measures, judged, run) if run else ():
        values[metric.query_id][str(metric.measure)] = float(metric.value)
    return values
