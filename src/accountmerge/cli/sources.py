"""Give a command its data, from a snapshot in a file or from a database with a mapping.

Each command with a parameter `SnapshotArgument`, `SnapshotOption`, `StoreOnly` or `AmongPaths` takes `--store` and
`--mapping`, too, and gets a `Source`.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

import accountmerge as am
from accountmerge.cli.files import snapshot_from
from accountmerge.cli.given_paths import in_order, snapshot_among
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.problems import BadInput, MissingProblem, Problem
from accountmerge.cli.screens import Screen

if TYPE_CHECKING:
    from accountmerge.cli.databases import Database

DATABASE = "Database"
"""A group of options in the help."""
STORE, MAPPING = "ACCOUNTMERGE_STORE", "ACCOUNTMERGE_MAPPING"
"""The environment variables that name the database and the mapping, if no option does."""
_STORE_HELP = f"The URL of the database in the place of the file; or set {STORE}. It is never shown."
_MAPPING_HELP = f"The mapping of its tables, as shop.tables:mapping; or set {MAPPING}."


class Source:
    """The data that a command reads.

    Attributes:
        file: The name of a snapshot, or None.

    Args:
        file: The name of a snapshot.
        url: The URL of a database.
        mapping: The module and the name of its mapping.
    """

    def __init__(self, file: str | None, url: str | None = None, mapping: str | None = None) -> None:
        self.file = file
        self._url = url
        self._mapping = mapping
        self._options: dict[str, Any] = {}
        self._opened: Database | None = None

    @property
    def is_store(self) -> bool:
        """Whether the data are in a database."""
        return self._url is not None

    @property
    def is_absent(self) -> bool:
        """Whether neither a file nor a database is named."""
        return self.file is None and self._url is None

    def snapshot(self, screen: Screen, *, customers: Iterable[str] | None = None) -> am.Snapshot:
        """Read a snapshot.

        Args:
            screen: Where slow work is told.
            customers: The ids of customers about which a database is read. A file is always read whole.
        """
        if self.file is not None:
            return snapshot_from(screen, self.file)
        with screen.busy("cli.reading_store"):
            snapshot = self.database().snapshot(customers)
        screen.locate(snapshot)
        return snapshot

    def limits(self) -> am.Limits | None:
        """Return the limits of the mapped tables; None for a file."""
        return self.database().limits() if self.is_store else None

    def database(self) -> Database:
        """Open the database."""
        if self._opened is None:
            if self._url is None:
                raise BadInput(Problem("needs_store", variable=STORE))
            if self._mapping is None:
                raise BadInput(Problem("needs_mapping", variable=MAPPING))
            from accountmerge.cli.databases import opened  # imports SQLAlchemy

            self._opened = opened(self._url, self._mapping, **self._options)
        return self._opened

    def set_store(self, locks: str | None, batch: str | None) -> None:
        """Set what a step locks and the number of steps in one transaction, before the database is opened."""
        reader = OptionReader()
        if locks is not None:
            self._options["locks"] = reader.word("--locks", locks, ("rows", "tables"))
        if batch is not None:
            self._options["batch"] = reader.count("--batch", batch, most=1_000_000)
        reader.finish()

    def refuse_if_store(self, options: dict[str, object]) -> None:
        """Refuse options that are given and have no meaning for a database."""
        given = tuple(name for name, value in options.items() if value)
        if self.is_store and given:
            raise BadInput(Problem("not_with_store", options=given))

    def refuse_if_file(self, options: dict[str, object]) -> None:
        """Refuse options that are given and have no meaning for a file."""
        given = tuple(name for name, value in options.items() if value)
        if not self.is_store and given:
            raise BadInput(Problem("only_with_store", options=given))


NO_DATA = Source(None)
"""The absence of a file and of a database."""
_FILE_ARGUMENT = typer.Argument(
    metavar="FILE", help="A snapshot as JSON; - for standard input. Or give --store."
)
SnapshotArgument = Annotated[Source, _FILE_ARGUMENT]
SnapshotOption = Annotated[
    Source,
    typer.Option(metavar="FILE", help="A snapshot as JSON: check the request against it, and plan it."),
]
StoreOnly = Annotated[Source, "a database, and no file"]
AmongPaths = Annotated[Source, "the snapshot among the files of the parameter `paths`"]
PathsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE PLANS",
        help="A snapshot, and plans or folders with plans, in any order. Or give --store and plans.",
    ),
]
_StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help=_STORE_HELP, show_default=False, rich_help_panel=DATABASE),
]
_MappingOption = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        metavar="MODULE:NAME",
        help=_MAPPING_HELP,
        show_default=False,
        rich_help_panel=DATABASE,
    ),
]


_BESIDE = ("plan", "moves", "clusters")
"""The parameters with a file that may be exchanged with the snapshot."""


class Parameters:
    """The parameters of a command as typer sees them, and as the function of the command gets them.

    Args:
        own: The parameters of the function.
    """

    def __init__(self, own: Iterable[inspect.Parameter]) -> None:
        self._own = list(own)
        self._source = next((row for row in self._own if _kind_of(row) is not None), None)
        rows = [row for row in self._own if _is_argument(row)]
        after = rows[rows.index(self._source) + 1 :] if self._source in rows else []
        self._arguments = [row.name for row in rows]
        self._required = {row.name: _metavar(row) for row in after if row.default is row.empty}
        """Arguments that follow the file, which are not there for the parser if the file is absent."""

    def shown(self) -> Iterator[inspect.Parameter]:
        """Yield the parameters for typer."""
        for row in self._own:
            if row is self._source:
                if _kind_of(row) not in (StoreOnly, AmongPaths):
                    yield row.replace(default=None, annotation=_optional(row))
            elif row.name in self._required:
                yield row.replace(default=None, annotation=_optional(row))
            else:
                yield row
        if self._source is not None:
            keyword = inspect.Parameter.KEYWORD_ONLY
            for name, option in (("store", _StoreOption), ("mapping", _MappingOption)):
                yield inspect.Parameter(name, keyword, default=None, annotation=option)

    def filled(self, values: dict[str, Any], path: str) -> dict[str, Any]:
        """Return the values for the function, with a `Source` for the file and both options.

        Args:
            values: The values for typer.
            path: The words of the command, for the hint to its help.
        """
        if self._source is None:
            return values
        rest = dict(values)
        option, mapping = rest.pop("store"), rest.pop("mapping")
        name = self._source.name
        if _kind_of(self._source) is AmongPaths:
            file, rest["paths"] = snapshot_among(rest["paths"], needs_one=option is None)
            url = option or (os.environ.get(STORE) or None if file is None else None)
        else:
            url = option or self._url_of_environment(rest)
            if url is not None and self._required:
                self._shift(rest)
            file = rest.get(name)
            other = next((each for each in _BESIDE if rest.get(each) is not None), None)
            if file is not None and other is not None:
                file, rest[other] = in_order(file, rest[other])
        if url is not None and file is not None:
            raise BadInput(Problem("file_and_store"), Problem("see_help", command=path))
        if file is None and mapping is not None and url is None:
            raise BadInput(Problem("needs_store", variable=STORE))
        rest[name] = Source(file, url, mapping or os.environ.get(MAPPING) or None)
        self._require(rest, path)
        return rest

    def _url_of_environment(self, values: dict[str, Any]) -> str | None:
        """Return the URL of the environment, unless the command line has a file."""
        source = self._source
        if source is None or _kind_of(source) is SnapshotOption:
            named = values.get(getattr(source, "name", "")) is not None or values.get("at") is None
        else:
            named = bool(self._arguments) and all(values.get(name) is not None for name in self._arguments)
        return None if named else os.environ.get(STORE) or None

    def _shift(self, values: dict[str, Any]) -> None:
        """Leave the place of the file empty, unless as many arguments are given as with a file."""
        given = [values[name] for name in self._arguments if values[name] is not None]
        if len(given) < len(self._arguments):
            others = [name for name in self._arguments if self._source is None or name != self._source.name]
            values.update(dict.fromkeys(self._arguments), **dict(zip(others, given, strict=False)))

    def _require(self, values: dict[str, Any], path: str) -> None:
        source = self._source
        if source is None:
            return
        if values[source.name].is_absent and _kind_of(source) is not SnapshotOption:
            code = "needs_store" if _kind_of(source) is StoreOnly else "needs_data"
            raise BadInput(Problem(code, variable=STORE), Problem("see_help", command=path))
        required = self._required | ({"paths": "PLANS"} if _kind_of(source) is AmongPaths else {})
        for name, metavar in required.items():
            if values[name] in (None, []):
                raise BadInput(MissingProblem("missing", name=metavar), Problem("see_help", command=path))


def _kind_of(row: inspect.Parameter) -> Any:
    """Return which of the annotations of a source a parameter has, or None."""
    kinds = (SnapshotArgument, SnapshotOption, StoreOnly, AmongPaths)
    return next((kind for kind in kinds if row.annotation is kind), None)


def _is_argument(row: inspect.Parameter) -> bool:
    notes: Any = getattr(row.annotation, "__metadata__", ())
    return bool(notes) and type(notes[0]) is type(_FILE_ARGUMENT)


def _metavar(row: inspect.Parameter) -> str:
    metavar: str = row.annotation.__metadata__[0].metavar
    return metavar


def _optional(row: inspect.Parameter) -> Any:
    """Return the annotation of text that may be absent, with the words of the help of a parameter."""
    return Annotated[str | None, row.annotation.__metadata__[0]]
