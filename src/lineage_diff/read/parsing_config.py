"""The `parsing` section of a project's `.dvc/config`: how templating writes dicts into commands.

No other setting of a commit's configuration is read: it may come from a stranger.
"""

from lineage_diff.read.template_files import TemplateFiles

# dvc.config_schema.SCHEMA["parsing"]
_ALLOWED = {"bool": ("store_true", "boolean_optional"), "list": ("nargs", "append")}


def parsing_config(files: TemplateFiles, path: str) -> dict[str, str]:
    """Return the section's valid settings, an empty mapping where there are none."""
    text = files.text(path)
    if text is None or "parsing" not in text:
        return {}
    from configobj import ConfigObj, ConfigObjError

    try:
        config = ConfigObj(text.splitlines(), interpolation=False, list_values=False)
    except ConfigObjError:
        return {}
    section = config.get("parsing")
    if not isinstance(section, dict):
        return {}
    settings = {key: str(section[key]).strip("'\"").lower() for key in _ALLOWED if key in section}
    return {key: value for key, value in settings.items() if value in _ALLOWED[key]}
