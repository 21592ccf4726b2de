"""The versions that a bill of materials lists, and which of them used which."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.catalog.collected import CollectedFacts
from lineage_diff.catalog.facts import DatasetFact, InputFact, ModelFact, OutputFact
from lineage_diff.catalog.identity import uuid_of
from lineage_diff.lineage.graph import reachable

_Key = tuple[str, str | None]
_DATA = frozenset({"data", "import"})


class Item(Struct, frozen=True):
    """A version of a path. `ref` names it in the bill.

    `kind` is `model`, `metrics`, `plots`, or the kind of an input. `run` is the id of the run that
    made it, if known. `model` is set for the version of a model at the exported commit.
    """

    ref: str
    path: str
    kind: str
    hash: str | None
    size: int | None = None
    files: int | None = None
    url: str | None = None
    run: str | None = None
    model: ModelFact | None = None


def _order(item: Item) -> tuple[str, str]:
    return item.path, item.hash or ""


class Bill(Struct, frozen=True):
    """The items by their refs, sorted by path, and the refs that each was made from.

    It is open if a model has no recorded run, so that its sources are missing.
    """

    items: Mapping[str, Item]
    uses: Mapping[str, frozenset[str]]
    model_refs: tuple[str, ...]
    is_open: bool
    by_run: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

    def inputs_of(self, run: str) -> Sequence[str]:
        """Return the refs of the versions that a run used."""
        return self.by_run[run][0]

    def outputs_of(self, run: str) -> Sequence[str]:
        """Return the refs of the versions that a run made."""
        return self.by_run[run][1]

    def data_behind(self, ref: str) -> list[str]:
        """Return the data that an item was made from, directly or not, in the order of items."""
        behind = (self.items[other] for other in reachable((ref,), self.uses.__getitem__))
        data = [item for item in behind if item.ref != ref and item.kind in _DATA]
        return [item.ref for item in sorted(data, key=_order)]


def items_of(facts: CollectedFacts) -> Bill:
    """Return the versions of all runs, and of the outs and models of the exported commit."""
    builder = _Builder(facts)
    for run in facts.runs:
        for out in facts.outputs.get(run, ()):
            builder.add_output(out)
    for run in facts.runs:
        for used in facts.inputs.get(run, ()):
            builder.add_input(used)
    builder.add_head()
    return builder.bill()


class _Builder:
    """Collects the items of a bill."""

    def __init__(self, facts: CollectedFacts) -> None:
        self._facts = facts
        self._items: dict[_Key, Item] = {}
        self._uses: dict[_Key, set[_Key]] = {}
        self._kinds = {path: found[-1].kind for path, found in facts.datasets.items()}
        self._inputs: dict[str, dict[_Key, None]] = {}
        self._outputs: dict[str, dict[_Key, None]] = {}
        self._models: dict[str, _Key] = {}

    def add_output(self, fact: OutputFact) -> None:
        """Add a version that a run made."""
        kind = self._kinds.get(fact.path, "out")
        named = "model" if fact.is_model else "data" if kind == "out" else kind
        key = self._add(fact.path, named, fact)
        # Of runs that made the same version, the last one counts.
        self._items[key] = replace(self._items[key], run=fact.run)
        self._outputs.setdefault(fact.run, {})[key] = None

    def add_input(self, fact: InputFact) -> None:
        """Add a version that a run used, and the out around or inside it."""
        key = self._add(fact.path, fact.kind, fact)
        self._inputs.setdefault(fact.run, {})[key] = None
        out = (fact.out or fact.path, fact.out_hash)
        if out != key and out in self._items:
            self._uses.setdefault(key, set()).add(out)

    def add_head(self) -> None:
        """Add the outs and models of the exported commit."""
        facts = self._facts
        recorded = {path for path, _ in self._items}
        for path, (*_, fact) in facts.datasets.items():
            if path not in recorded or (path, fact.hash) in self._items:
                self._add(path, "data" if fact.kind == "out" else fact.kind, fact)
        for model in facts.models:
            self._add_model(model)

    def _add_model(self, model: ModelFact) -> None:
        key = self._add(model.path, "model", model)
        run = self._facts.in_force.get(model.out or model.path)
        known = self._items[key]
        made_by = known.run or (run.run if run is not None else None)
        self._items[key] = replace(known, kind="model", run=made_by, model=model)
        self._models[model.path] = key
        if model.out is not None and model.out != model.path and run is not None:
            around = [
                (out.path, out.hash)
                for out in self._facts.outputs.get(run.run, ())
                if out.path == model.out
            ]
            self._uses.setdefault(key, set()).update(around)

    def _add(
        self, path: str, kind: str, fact: OutputFact | InputFact | ModelFact | DatasetFact
    ) -> _Key:
        key = path, fact.hash
        if key not in self._items:
            repository = self._facts.repository.repository
            ref = uuid_of("version", repository, path, *([fact.hash] if fact.hash else []))
            url = None if isinstance(fact, ModelFact) else fact.url
            self._items[key] = Item(ref, path, kind, fact.hash, fact.size, fact.files, url)
        return key

    def bill(self) -> Bill:
        """Return the bill."""
        for run, made in self._outputs.items():
            for key in made:
                self._uses.setdefault(key, set()).update(self._inputs.get(run, ()))
        keys = sorted(self._items, key=lambda key: _order(self._items[key]))
        refs = {key: self._items[key].ref for key in keys}
        return Bill(
            {refs[key]: self._items[key] for key in keys},
            {
                refs[key]: frozenset(refs[used] for used in self._uses.get(key, ()) if used != key)
                for key in keys
            },
            tuple(refs[key] for key in self._models.values()),
            any(self._items[key].run is None for key in self._models.values()),
            {
                run: (self._refs(refs, self._inputs, run), self._refs(refs, self._outputs, run))
                for run in self._facts.runs
            },
        )

    @staticmethod
    def _refs(
        refs: Mapping[_Key, str], keys: Mapping[str, Iterable[_Key]], run: str
    ) -> tuple[str, ...]:
        return tuple(refs[key] for key in keys.get(run, ()))
