"""Which records are one paper and what it says: the same whatever the order in which they came."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.duplicates import Entitled, pairs
from rag.importers.parsed import Parsed, paper
from rag.library import Library
from rag.merge import Entry, keys_of, merged, packed, partition, unpacked
from rag.records import Paper


def entry(record: int, *keys: str, year: int | None = None, author: str = "") -> Entry:
    return Entry(record, frozenset(keys), year, author)


def groups(*entries: Entry) -> list[list[int]]:
    return [[e.record for e in group] for group in partition(entries)]


class TestPartition:
    @pytest.mark.parametrize(
        ("entries", "expected"),
        [
            pytest.param(
                [entry(1, "doi:1", "title:a"), entry(2, "doi:1", "title:b")], [[1, 2]], id="one DOI"
            ),
            pytest.param([entry(1, "arxiv:1"), entry(2, "arxiv:1")], [[1, 2]], id="one arXiv id"),
            pytest.param([entry(1, "title:a"), entry(2, "title:b")], [[1], [2]], id="nothing in common"),
            pytest.param(
                [entry(1, "title:a", year=2019), entry(2, "title:a", author="li")],
                [[1, 2]],
                id="what is missing fits",
            ),
            pytest.param(
                [entry(1, "title:a", year=2019), entry(2, "title:a", year=2020)],
                [[1], [2]],
                id="another year",
            ),
            pytest.param(
                [entry(1, "title:a", author="li"), entry(2, "title:a", author="wu")],
                [[1], [2]],
                id="another author",
            ),
            pytest.param(
                [entry(1, "doi:1"), entry(2, "arxiv:1"), entry(3, "doi:1", "arxiv:1")],
                [[1, 2, 3]],
                id="a bridge",
            ),
            pytest.param(
                [
                    entry(1, "title:a", year=2019),
                    entry(2, "title:a"),
                    entry(3, "title:a", year=2020),
                    entry(4, "title:a"),
                ],
                [[1], [2, 4], [3]],
                id="what fits two that differ is neither",
            ),
            pytest.param(
                [
                    entry(1, "title:a", "doi:1", year=2019),
                    entry(2, "doi:1", year=2020),
                    entry(3, "title:a", year=2020),
                ],
                [[1, 2, 3]],
                id="years of all records of an identifier count",
            ),
            pytest.param(
                [entry(1, "title:a", "joined:7", year=1), entry(2, "title:a", "joined:7", year=2)],
                [[1, 2]],
                id="by hand",
            ),
        ],
    )
    def test_records_of_one_paper_are_found(self, entries: list[Entry], expected: list[list[int]]) -> None:
        assert groups(*entries) == expected

    @given(
        st.lists(
            st.tuples(
                st.sets(st.sampled_from(["doi:1", "doi:2", "arxiv:1", "title:a", "title:b"]), min_size=1),
                st.sampled_from([None, 2019, 2020]),
                st.sampled_from(["", "li", "wu"]),
            ),
            max_size=7,
        ),
        st.randoms(use_true_random=False),
    )
    def test_the_order_does_not_matter(
        self, fields: list[tuple[set[str], int | None, str]], rng: random.Random
    ) -> None:
        numbers = list(range(len(fields)))
        rng.shuffle(numbers)
        first = {
            frozenset(g)
            for g in groups(*(entry(n, *k, year=y, author=a) for n, (k, y, a) in enumerate(fields)))
        }
        renamed = [entry(numbers[n], *k, year=y, author=a) for n, (k, y, a) in enumerate(fields)]
        second = {frozenset(numbers.index(r) for r in g) for g in groups(*renamed)}
        assert first == second

    def test_a_title_of_thousands_is_grouped_at_once(self) -> None:
        crowd = [entry(n, "title:introduction", year=1000 + n % 1000, author=f"a{n}") for n in range(3000)]
        assert len(groups(*crowd)) == 3000


ARXIV = paper(
    "A Title", "Short …", "a.bib", authors=["J. Li"], year=2018, venue="arXiv", arxiv_id="1801.00001"
)
VENUE = paper(
    "A Title!",
    "A long abstract.",
    "b.bib",
    authors=["Jing Li", "Bo Wu"],
    year=2019,
    venue="ACL",
    doi="10.1000/x",
)


class TestMerged:
    @pytest.mark.parametrize(
        "order", [[ARXIV, VENUE], [VENUE, ARXIV]], ids=["preprint first", "published first"]
    )
    def test_each_field_comes_from_the_record_that_knows_it_best(self, order: list[Paper]) -> None:
        one = merged(order, "doi:10.1000/x")
        assert (one.title, one.abstract, one.venue, one.year) == ("A Title!", "A long abstract.", "ACL", 2019)
        assert (one.doi, one.arxiv_id, one.authors) == ("10.1000/x", "1801.00001", ("Jing Li", "Bo Wu"))

    def test_a_cut_off_abstract_yields_to_a_whole_shorter_one(self) -> None:
        long = replace(VENUE, abstract="A much longer abstract that was cut off somewhere…")
        assert merged([long, replace(ARXIV, abstract="Whole.")], "x").abstract == "Whole."
        assert merged([long, replace(ARXIV, abstract="")], "x").abstract == long.abstract

    def test_nothing_is_replaced_by_nothing(self) -> None:
        bare = Paper("title:0", "A Title", "", venue="ACL")
        one = merged([bare, ARXIV], "x")
        assert (one.abstract, one.authors, one.year, one.arxiv_id) == (
            "Short …",
            ("J. Li",),
            2018,
            "1801.00001",
        )

    @pytest.mark.parametrize(
        "given", [ARXIV, VENUE, Paper("x", "T", "A"), Paper("x", "", "", raw_title="$", year=1)]
    )
    def test_a_record_is_kept_as_it_came(self, given: Paper) -> None:
        assert unpacked(given.id, packed(given)) == given

    def test_a_source_s_own_id_makes_a_record_the_same_as_no_other(self) -> None:
        assert keys_of(Paper("4983", "A Title", ""), "4983")[2] == ("own:4983",)


RECORDS = [
    ARXIV,
    VENUE,
    paper("A Title", "", "c", arxiv_id="1801.00001", doi="10.1000/x"),
    paper("A Title", "Another.", "c", authors=["Q. Else"], year=2018),
    paper("A Title", "No year.", "c"),
    paper("Other", "One.", "c", authors=["A B"], year=2000),
    paper("Other", "One, longer.", "c", authors=["A B"]),
    paper("Other", "Two.", "c", authors=["A B"], year=2001),
    paper("Other", "Two.", "c", doi="10.1000/o"),
]


def everything(library: Library) -> set[frozenset[object]]:
    """What a library says, without which of its ids a paper bears."""
    return {
        frozenset((name, getattr(p, name)) for name in p.__dataclass_fields__ if name != "id")
        for p in library.all_papers()
    }


FILES = {f"{n}.bib": Parsed(tuple(RECORDS[n : n + 2])) for n in range(0, len(RECORDS), 2)} | {
    "all.bib": Parsed((RECORDS[1], RECORDS[5], RECORDS[8], RECORDS[2]))
}


@settings(max_examples=20, deadline=None)
@given(st.permutations(list(FILES)))
def test_files_imported_in_any_order_give_the_same_library(
    tmp_path_factory: pytest.TempPathFactory, order: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("orders")
    straight, shuffled = Library(folder / "straight"), Library(folder / "shuffled")
    for library, names in ((straight, list(FILES)), (shuffled, [*order, order[0]])):
        for name in names:
            library.add(FILES[name], name)
    assert everything(shuffled) == everything(straight)
    for record in RECORDS:
        if record.doi or record.arxiv_id:
            assert shuffled.paper(record.id) is not None
    straight.close()
    shuffled.close()


class TestDuplicates:
    @pytest.mark.parametrize(
        ("one", "other", "offered"),
        [
            ("On Parsing Sentences of German", "On Parsing Sentences of German", True),
            ("On Parsing Sentences of German", "On parsing sentence of German", True),
            ("Parameterized Intractability of Logic", "Parameterised Intractability of Logic", True),
            ("Overview of Task 1 at SemEval 2019", "Overview of Task 1 at SemEval 2020", False),
            (
                "Findings of the Second Workshop on Parsing",
                "Findings of the Third Workshop on Parsing",
                False,
            ),
            ("On Parsing Sentences of German", "Reading Chinese with Ease", False),
        ],
    )
    def test_titles_nearly_equal_are_offered(self, one: str, other: str, offered: bool) -> None:
        found = pairs([Entitled("a", one, ("A Li",)), Entitled("b", other, ("Ann Li",))])
        assert bool(found) == offered

    def test_other_authors_speak_against_it_unless_a_long_title_is_the_same(self) -> None:
        li, wu = (
            Entitled("a", "On Parsing the German", ("A Li",)),
            Entitled("b", "On Parsing the Germans", ("B Wu",)),
        )
        assert not pairs([li, wu])
        assert pairs([li, replace(wu, title=li.title)])
        assert not pairs([replace(li, title="Introduction"), replace(wu, title="Introduction")])
