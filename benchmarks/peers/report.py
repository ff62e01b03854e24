"""What a run leaves in its folder: bench.json, bench.md and the charts."""

from pathlib import Path

from hoiquy.bench.charts import draw_charts
from hoiquy.bench.results import CaseResult, Results
from hoiquy.bench.table import to_markdown

from hoiquy.system.atomic_write import make_folder, write_text


def write_measurements(results: Results, folder: Path) -> Path:
    """Write `bench.json`, with every single time, and return its path. Raises HoiquyError."""
    make_folder(folder)
    path = folder / "bench.json"
    write_text(path, results.to_json())
    return path


def write_report(results: Results, folder: Path) -> list[Path]:
    """Write the measurements, the tables as `bench.md`, and the charts; return their paths."""
    measurements = write_measurements(results, folder)
    fragment = folder / "bench.md"
    write_text(fragment, to_markdown(results))
    return [measurements, fragment, *draw_charts(results, folder)]


def summary_line(case: CaseResult) -> str:
    """One case in one line, for whoever watches the run."""
    parts = [f"hoiquy {case.hoiquy.spread().median:,.2f} ms"]
    if case.flops:
        parts[0] += f" ({case.sgemm_share(case.hoiquy).median:.0%} of sgemm)"
    for peer in case.peers:
        cut = ", embedding cut" if peer.embedding == "cut" else ""
        parts.append(f"{peer.title}{cut} {case.ratio(peer).median:.2f}×")
    return f"{case.what} {case.label}: {'; '.join(parts)}"
