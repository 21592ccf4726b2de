"""The report of a promotion as JSON: its schema, the round trip, and what is refused."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from lineage_diff.cli.main import main
from lineage_diff.report import promotion
from lineage_diff.report.json_codec import ReportError
from lineage_diff.report.promotion import (
    decode_promotion,
    encode_promotion,
)
from tests.support.promotion_repo import in_use

SCHEMA_FILE = Path(promotion.__file__).with_name("promotion.schema.json")


def test_the_command_writes_what_the_schema_allows_and_the_codec_reads(tmp_path: Path) -> None:
    in_use(tmp_path / "repo")
    written = []
    for number in range(2):
        out = tmp_path / f"{number}.json"
        assert main(["gate", "churn#prod", "--repo", str(tmp_path / "repo"), "-o", str(out)]) == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]
    jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_FILE.read_bytes())).validate(
        json.loads(written[0])
    )
    assert encode_promotion(decode_promotion(written[0], "0.json")) == written[0]
    without = {key: value for key, value in json.loads(written[0]).items() if key != "tag"}
    with pytest.raises(ReportError, match="missing key `tag`"):
        decode_promotion(json.dumps(without).encode(), "0.json")
