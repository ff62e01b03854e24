"""What is the same for all networks is reported once, not in the section of each."""

import re
from pathlib import Path

from hoiquy.report.gathering import gather
from hoiquy.report.lab_report import write_markdown
from hoiquy.report.own_words.file import OwnWords
from hoiquy.report.page.build import build_page
from hoiquy.report.page.content import Content, content_of
from hoiquy.report.report_options import ReportOptions
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.files import diagnostics_file
from hoiquy.system.checksummed_files import write_checksummed
from synthetic_runs import learning, write_run

DUPLICATES = Diagnostic("duplicates", {"documents": 123, "share": 0.0049, "rows": "403, 681"})


def content_for(folder: Path, names: tuple[str, ...], *, brief: bool = False) -> Content:
    for name in names:
        run = write_run(folder / name, name, history=learning())
        write_checksummed(run.folder, diagnostics_file([DUPLICATES]))
    return content_of(gather([folder]), options=ReportOptions(brief=brief))


def test_a_diagnostic_of_the_data_is_reported_once(tmp_path: Path) -> None:
    content = content_for(tmp_path, ("bai3", "bai4", "bai5"))
    assert content.shared_remarks("en") == [DUPLICATES.text("en")]
    path = write_markdown(gather([tmp_path]), tmp_path / "r.md", "en")
    report = path.read_text(encoding="utf-8")
    assert report.count(DUPLICATES.seen("en")) == 1
    before, after = report.split(DUPLICATES.seen("en"))
    assert re.findall("^#.*", before, re.MULTILINE)[-1] == "### Remarks on all networks"
    assert "## Exercise 3" in after
    page = build_page(content, "vi")
    assert page.count("123 văn bản kiểm tra") == 1
    assert "Nhận xét chung cho các mạng" in page


def test_a_brief_report_has_what_was_seen(tmp_path: Path) -> None:
    content = content_for(tmp_path, ("bai3", "bai5"), brief=True)
    assert content.shared_remarks("en") == [DUPLICATES.seen("en")]


def test_remarks_of_one_network_stay_in_its_section(tmp_path: Path) -> None:
    assert content_for(tmp_path / "one", ("bai3",)).shared_remarks("en") == []
    content = content_for(tmp_path / "two", ("bai3", "bai5"))
    assert all(network.detail.on_test for network in content.groups)


def test_a_diagnostic_of_one_network_stays_there(tmp_path: Path) -> None:
    content_for(tmp_path, ("bai3",))
    write_run(tmp_path / "bai5", "bai5", history=learning())
    content = content_of(gather([tmp_path]))
    assert content.shared_remarks("en") == []
    assert content.groups[0].detail.diagnostics == [DUPLICATES]


def test_other_test_documents_are_named_in_the_notice_alone(tmp_path: Path) -> None:
    for name in ("bai3-quick", "bai5-quick"):
        write_run(tmp_path / name, name, history=learning(), data="imdb-train", official_test=False)
    path = write_markdown(gather([tmp_path]), tmp_path / "r.md", "en")
    assert path.read_text(encoding="utf-8").count("the official") == 1


def test_other_data_is_named_once(tmp_path: Path) -> None:
    for name in ("bai3", "bai5"):
        write_run(tmp_path / name, name, history=learning(), data="a.csv", official_test=False)
    path = write_markdown(gather([tmp_path]), tmp_path / "r.md", "en")
    assert path.read_text(encoding="utf-8").count("Evaluated on the test documents") == 1


def test_the_hint_to_write_remarks_goes_with_the_first(tmp_path: Path) -> None:
    for name in ("bai3", "bai5"):
        write_run(tmp_path / name, name, history=learning())
    file = "lab/my-remarks.txt"
    for own in (OwnWords(file=file), OwnWords(remarks={"bai3": ("Fast.",)}, file=file)):
        page = build_page(content_of(gather([tmp_path]), options=ReportOptions(own)), "en")
        assert ("Nothing yet: write below" in page) == (not own.remarks)
