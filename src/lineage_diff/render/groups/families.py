"""Families of stages: those that one `foreach` or `matrix` entry generates."""


def family_of(stage: str | None) -> str | None:
    """Return the id of the entry that generates a stage: `dvc.yaml:train` for `dvc.yaml:train@a`.

    `None` for any other stage or path. DVC allows `@` in no other name of a stage.
    """
    if stage is None:
        return None
    file, colon, name = stage.rpartition(":")
    entry, at, _ = name.partition("@")
    generated = colon and at and entry and "/" not in entry
    return f"{file}:{entry}" if generated else None
