"""The remaining size and stage budget while reading one commit's DVC files."""

from collections.abc import Iterable, Sequence

from lineage_diff import limits
from lineage_diff.dvc.project import LOCK
from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.parsing.work_budget import PARSING, PATHS, WorkBudget

_FEWER_OUTS = (
    "Track a folder that holds them, or raise `limits: stages` in the base's configuration."
)


class ReadBudget:
    """Counts bytes, stages and outs of one commit's DVC files; refuses files over the limits."""

    def __init__(self, bounds: Limits = USUAL) -> None:
        self.work = WorkBudget(bounds)
        self._bytes = limits.DVC_BYTES
        self._counted: set[str] = set()
        self._text = 0
        self._stages = 0
        self._declared = 0
        self._outs = limits.OUTS_OF_STAGES * bounds.stages
        self._more_outs = limits.MORE_OUTS

    @property
    def stages(self) -> int:
        """Stages that may follow, by the bytes of the DVC files that were read so far."""
        return allowed_stages(self._text, self.work.limits) - self._stages

    def take_text(self, text: bytes, file: str, oid: str) -> None:
        """Count a file's bytes. Raises `InputError` if it, or all files together, are too large.

        Copies, which have one `oid`, give room for stages once.
        """
        is_lock = file.rpartition("/")[2] == LOCK
        most = limits.LOCK_BYTES if is_lock else limits.DVC_FILE_BYTES
        if len(text) > most:
            raise _too_large(f"{len(text):,} bytes long, over the limit of {most:,}", file)
        self._bytes -= len(text)
        self.work.spend(len(text) // 4, PARSING)
        if self._bytes < 0:
            raise _too_large(
                f"not read: all DVC files before it hold {limits.DVC_BYTES:,} bytes", file
            )
        if oid not in self._counted:
            self._counted.add(oid)
            self._text += len(text)

    def take_stages(self, stages: Sequence[Stage], datasets: int, file: str) -> None:
        """Count the stages, outs and datasets of a `dvc.yaml`. Raises `InputError` for too many."""
        count = len(stages) + datasets
        if count > self.stages:
            raise too_many_stages(count, self.stages, file)
        self._stages += count
        outs = sum(len(stage.outs) for stage in stages)
        left = allowed_stages(self._text, self.work.limits, limits.OUTS_OF_STAGES) - self._declared
        self.take_outs(stages, file)
        if outs > left:
            raise InputError(
                f"{outs:,} outs of stages, where the commit has {left:,} left for DVC files of "
                "this size",
                hint=_FEWER_OUTS,
                file=file,
            )
        self._declared += outs

    def take_outs(self, stages: Iterable[Stage], file: str) -> None:
        """Count a file's outs, and those beyond a few of each stage. Raises `InputError`."""
        counts = [len(stage.outs) for stage in stages]
        count = sum(counts)
        if count > self._outs:
            most = limits.OUTS_OF_STAGES * self.work.limits.stages
            raise InputError(
                f"{count:,} outs, where {self._outs:,} of the {most:,} of a commit are left",
                hint=_FEWER_OUTS,
                file=file,
            )
        more = sum([each - limits.STAGE_OUTS for each in counts if each > limits.STAGE_OUTS])
        if more > self._more_outs:
            raise InputError(
                f"{more:,} outs beyond {limits.STAGE_OUTS} of each stage, where "
                f"{self._more_outs:,} of the {limits.MORE_OUTS:,} of a commit are left",
                hint="Track a folder that holds them.",
                file=file,
            )
        self._outs -= count
        self._more_outs -= more

    def take_artifacts(self, count: int, file: str) -> None:
        """Count a file's artifacts with the outs beyond a few. Raises `InputError` for too many."""
        if count > self._more_outs:
            raise InputError(
                f"{count:,} artifacts, where {self._more_outs:,} of the {limits.MORE_OUTS:,} of a "
                "commit are left",
                hint="Declare the models that are registered alone.",
                file=file,
            )
        self._more_outs -= count

    def take_paths(self, stages: Iterable[Stage]) -> None:
        """Count the folders of the stages' paths. Raises `TooMuchWorkError` for too many.

        Each folder above a path is looked up by its full path.
        """
        steps = 0
        for stage in stages:
            items: tuple[Dep | Out, ...] = (*stage.deps, *stage.outs)
            for item in items:
                path = item.path
                steps += 1 + path.count("/") * len(path) // 16
        self.work.spend(steps, PATHS)


def allowed_stages(size: int, bounds: Limits, times: int = 1) -> int:
    """Return how many stages DVC files of `size` bytes may have; with `times`, how many outs."""
    most = times * bounds.stages
    return min(most, most // limits.FREE_PART + size // limits.STAGE_BYTES)


def too_many_stages(count: int, left: int, file: str) -> InputError:
    """Error for a file with more stages than the `left` ones of its commit."""
    return InputError(
        f"{count:,} stages, where the commit has {left:,} left for DVC files of this size",
        hint="Declare fewer stages, or raise `limits: stages` in the base's configuration.",
        file=file,
    )


def _too_large(what: str, file: str) -> InputError:
    return InputError(what, hint="Split the pipeline into smaller files.", file=file)
