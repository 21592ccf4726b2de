"""What a format may need to know of how it is shown."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lineage_diff.show.picture_places import Pictures

DEFAULT_WIDTH = 100


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """What a format may need to know. `width` in columns."""

    theme: Literal["light", "dark"] = "light"
    color: bool = False
    width: int = DEFAULT_WIDTH
    pictures: "Pictures | None" = None
