"""What holds for all networks of a report, such as duplicates in their data, is reported once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hoiquy.messages import Lang
from hoiquy.report.page.network import Network
from hoiquy.report.remark import Remark
from hoiquy.runs.diagnostic import Diagnostic

_IN_A_NOTICE = "not_official"  # reported at the top; see `statements`
_ON_DATA = (_IN_A_NOTICE, "other_data")  # other remarks belong to the curves of their network


@dataclass(frozen=True)
class Shared:
    """Diagnostics and remarks on the data, the same for every network of a report."""

    diagnostics: Sequence[Diagnostic] = ()
    remarks: Sequence[Remark] = ()

    def lines(self, lang: Lang, *, brief: bool) -> list[str]:
        """One paragraph each; of a diagnostic in a brief report, only what was seen."""
        seen = [one.seen(lang) if brief else one.text(lang) for one in self.diagnostics]
        others = [one for one in self.remarks if one.key != _IN_A_NOTICE]
        return [*seen, *(one.text(lang) for one in others)]


NOTHING = Shared()


def split_shared(networks: Sequence[Network]) -> tuple[Shared, list[Network]]:
    """What all of several networks share, and the networks without it."""
    if len(networks) < 2:
        return NOTHING, list(networks)
    first, *others = (network.detail for network in networks)
    shared = Shared(
        [
            one
            for one in first.diagnostics
            if one.epoch is None and all(one in other.diagnostics for other in others)
        ],
        [
            one
            for one in first.remarks
            if one.key in _ON_DATA and all(one in other.remarks for other in others)
        ],
    )
    return shared, [_without(network, shared) for network in networks]


def _without(network: Network, shared: Shared) -> Network:
    detail = network.detail
    diagnostics = [one for one in detail.diagnostics if one not in shared.diagnostics]
    remarks = [one for one in detail.remarks if one not in shared.remarks]
    return replace(network, detail=replace(detail, diagnostics=diagnostics, remarks=remarks))
