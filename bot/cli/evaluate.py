"""`broadsheet eval`: how well the search does on a judged collection."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import fail, invocation, print_json, with_app
from bot.cli.lines import read_lines
from bot.cli.options import Json

if TYPE_CHECKING:
    from bot.services.evaluating import Judged
    from bot.wiring import App

_FILE: dict[str, Any] = {"exists": True, "dir_okay": False, "readable": True, "metavar": "FILE"}


@dataclass(frozen=True, slots=True)
class _Collection:
    documents: Path
    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]


def evaluate(  # noqa: PLR0913, PLR0917 - the options of a command
    context: typer.Context,
    documents: Annotated[Path, typer.Option("--docs", help="Documents: id, title, text; JSON lines.", **_FILE)],
    queries: Annotated[Path, typer.Option("--queries", help="Queries: id, text; JSON lines.", **_FILE)],
    qrels: Annotated[
        Path, typer.Option("--qrels", help="Judgements: query_id, doc_id, relevance; JSON lines.", **_FILE)
    ],
    lexical: Annotated[  # noqa: FBT002 - Typer's way of flags
        bool, typer.Option("--lexical", help="Words alone, without the model of meaning that is set.")
    ] = False,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Measure the search on a judged collection, in a folder of its own. Files may be packed (.gz)."""
    measures = _measures()
    collection = _Collection(documents, _read_queries(queries), _read_judgements(qrels))
    call = invocation(context)
    with tempfile.TemporaryDirectory(prefix="broadsheet-eval-") as folder:
        overrides: dict[str, object] = {"data_dir": folder, "database_url": f"sqlite:///{folder}/eval.sqlite3"}
        settings = call.settings(**overrides, **({"semantic_model": ""} if lexical else {}))
        run, number = with_app(settings, lambda app: _run(app, collection))
    record: dict[str, Any] = {
        "documents": number,
        "queries": sum(bool(each) for each in collection.relevant.values()),
        "way": "words and meaning" if settings.semantic_model else "words",
        **measures(collection.relevant, run),
    }
    if as_json:
        print_json(record)
    else:
        for name, value in record.items():
            typer.echo(f"{name:12} {value:.4f}" if isinstance(value, float) else f"{name:12} {value}")


async def _run(app: App, collection: _Collection) -> tuple[dict[str, dict[str, float]], int]:
    from bot.cli.progress import progress
    from bot.services.evaluating import Evaluating

    evaluating = Evaluating(app.store, app.indexing, app.searching)
    number = await evaluating.take(_documents(collection.documents))
    run: dict[str, dict[str, float]] = {}
    with progress() as bar:
        task = bar.add_task("queries", total=len(collection.queries))
        async for query_id, found in evaluating.run(collection.queries):
            run[query_id] = {each: float(len(found) - place) for place, each in enumerate(found)}
            bar.advance(task)
    return run, number


def _measures() -> Any:  # noqa: ANN401 - a function over ir_measures' own types
    from bot.errors import BadSettings

    try:
        import ir_measures
        from ir_measures import RR, R, nDCG
    except ImportError:
        fail(BadSettings(("broadsheet eval needs the extra “eval”: install Broadsheet with it",)))
    wanted = {"ndcg@10": nDCG @ 10, "recall@100": R @ 100, "mrr": RR}

    def measured(relevant: dict[str, dict[str, int]], run: dict[str, dict[str, float]]) -> dict[str, float]:
        judged = {query: pairs for query, pairs in relevant.items() if any(grade > 0 for grade in pairs.values())}
        # A query that found nothing counts as 0; left out of the run it would not be counted at all.
        whole = {query: run.get(query) or {"": 0.0} for query in judged}
        found = ir_measures.calc_aggregate(list(wanted.values()), judged, whole)
        return {name: float(found[measure]) for name, measure in wanted.items()}

    return measured


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    from bot.errors import BadArgument

    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        for number, value in enumerate(read_lines(file), 1):
            if not isinstance(value, dict):
                why = value.user_message if isinstance(value, BadArgument) else "an object is due"
                fail(BadArgument("file", f"{path.name}, line {number}: {why}"))
            yield value


def _documents(path: Path) -> Iterator[Judged]:
    from bot.services.evaluating import Judged

    for row in _lines(path):
        authors = row.get("authors") or ()
        yield Judged(
            id=str(row.get("id", "")),
            title=str(row.get("title") or ""),
            text=str(row.get("text") or row.get("abstract") or ""),
            authors=(authors,) if isinstance(authors, str) else tuple(map(str, authors)),
            keywords=str(row.get("keywords") or ""),
        )


def _read_queries(path: Path) -> dict[str, str]:
    return {str(row.get("id", "")): str(row.get("text") or "") for row in _lines(path)}


def _read_judgements(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in _lines(path):
        grade = max(int(row.get("relevance") or 0), 0)
        found.setdefault(str(row.get("query_id")), {})[str(row.get("doc_id"))] = grade
    return found
