"""Two machines that there are not: network namespaces with addresses of their own, and a bridge.

    unshare --net --mount python machines.py

Prints whether a team whose workers are there trains to the bits of one process. Everything is gone
with the process; nothing of the machine's own network is touched.
"""

import subprocess
import sys
from pathlib import Path

HERE, HOSTS = "10.9.0.1", {"one": "10.9.0.2", "two": "10.9.0.3"}


def ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True, capture_output=True)


def make_machines() -> None:
    """A bridge with this process's address, and the two hosts behind it. /run becomes private."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True, capture_output=True)
    ip("link set lo up")
    ip("link add bridge type bridge")
    ip(f"address add {HERE}/24 dev bridge")
    ip("link set bridge up")
    for name, address in HOSTS.items():
        ip(f"netns add {name}")
        ip(f"link add to-{name} type veth peer name eth0 netns {name}")
        ip(f"link set to-{name} master bridge up")
        ip(f"-n {name} address add {address}/24 dev eth0")
        ip(f"-n {name} link set eth0 up")
        ip(f"-n {name} link set lo up")


def main() -> None:
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]
    from teams import DOCUMENTS, bits, everything

    from hoiquy.distributed import local
    from hoiquy.distributed.handshake import Invitation
    from hoiquy.distributed.team import Team
    from hoiquy.training.loop import fit
    from miniatures import prepared

    class Elsewhere(local.LocalWorkers):
        """A worker on each of the hosts."""

        def __init__(self, invitation: Invitation, count: int) -> None:
            self.hosts = iter(list(HOSTS)[:count])
            super().__init__(invitation, count)

        def command(self) -> list[str]:
            return ["ip", "netns", "exec", next(self.hosts), *super().command()]

    make_machines()
    recipe = everything("bai3", "training.epochs=5")
    data = prepared(recipe, DOCUMENTS)
    team = Team(3, Elsewhere, HERE, shares_machine=False)
    print(bits(fit(recipe, data)) == bits(fit(recipe, data, open_steps=team.open)))


if __name__ == "__main__":
    main()
