"""Several processes train to the bits of one, whatever becomes of some of them."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from teams import DOCUMENTS, ThreadWorkers, bits, everything

from hoiquy.distributed import crew, handshake, local, member, pieces, worker
from hoiquy.distributed.handshake import Invitation
from hoiquy.distributed.local import LocalWorkers
from hoiquy.distributed.team import MOST_LOSSES, Team
from hoiquy.errors import InputError, TrainingError
from hoiquy.events import Event, Listener, StepFinished, WorkerLost, ignore
from hoiquy.nn.optimizers import Adam
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs import environment
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.gradients import OpenSteps, in_one_process
from hoiquy.training.loop import fit
from hoiquy.training.state import TrainingState
from miniatures import prepared

IN_THREADS = Team(3, ThreadWorkers)


@cache
def case(name: str, *settings: str) -> tuple[Recipe, Prepared]:
    recipe = everything(name, *settings)
    return recipe, prepared(recipe, DOCUMENTS)


def trained(
    name: str, *settings: str, on_event: Listener = ignore, steps: OpenSteps = in_one_process
) -> dict[str, object]:
    return bits(fit(*case(name, *settings), on_event, open_steps=steps))


alone = cache(trained)


@pytest.mark.parametrize(("name", "processes"), [("bai3", 2), ("bai5", 3), ("strong", 4)])
def test_fifty_steps_in_several_processes_give_the_bits_of_one(name: str, processes: int) -> None:
    told: list[Event] = []
    whole = trained(name, on_event=told.append, steps=Team(processes).open)
    assert whole == alone(name)
    assert sum(isinstance(event, StepFinished) for event in told) == 50
    assert not any(isinstance(event, WorkerLost) for event in told)


def test_parameters_that_travel_in_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_PIECE_BYTES", 100)
    short = "training.epochs=3"
    assert trained("strong", short, steps=IN_THREADS.open) == alone("strong", short)


@pytest.mark.parametrize("soft", [False, True])
def test_float64_plain_kernels_and_soft_targets(soft: bool) -> None:
    recipe, data = case("bai5", "training.epochs=2")
    if soft:
        answers = np.random.default_rng(1).dirichlet([1, 1], len(data.train)).astype(np.float32)
        data = replace(data, train=replace(data.train, soft=answers))

    def state() -> TrainingState:
        beginning = TrainingState.beginning(recipe, data)
        for layer in beginning.model.layers:
            for name, array in layer.parameters.items():
                layer.parameters[name] = array.astype(np.float64)
        beginning.model.dtype = np.float64
        return TrainingState(beginning.model, Adam(0.01))

    one, three = (
        fit(recipe, data, state=state(), open_steps=steps)
        for steps in (in_one_process, IN_THREADS.open)
    )
    assert one.parameters["gru/kernel"].dtype == np.float64
    assert bits(one) == bits(three)


UNSHARE = ["unshare", "--net", "--mount"]


def may_make_machines() -> bool:
    if sys.platform != "linux" or not (which("unshare") and which("ip")):
        return False
    command = [*UNSHARE, "ip", "link", "add", "bridge", "type", "bridge"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_make_machines(), reason="network namespaces need root, and ip")
def test_workers_on_machines_with_networks_of_their_own() -> None:
    script = Path(__file__).parent / "machines.py"
    done = subprocess.run(
        [*UNSHARE, sys.executable, script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "True\n", done.stderr


class Killable:
    """Launches processes on this machine, and knows those of the last crew."""

    def __init__(self) -> None:
        self.launched: list[LocalWorkers] = []

    def __call__(self, invitation: Invitation, count: int) -> LocalWorkers:
        self.launched.append(LocalWorkers(invitation, count))
        return self.launched[-1]

    def kill(self, number: int, *signals: signal.Signals) -> None:
        for each in signals:
            self.launched[-1].processes[number].send_signal(each)


def at_step(step: int, do: Callable[[], object], told: list[Event]) -> Listener:
    """Tell `told`, and do something after that step of the whole training."""

    def listen(event: Event) -> None:
        told.append(event)
        if isinstance(event, StepFinished) and (event.epoch - 1) * 2 + event.step == step:
            do()

    return listen


def test_a_worker_killed_in_the_middle_of_a_step_costs_nothing() -> None:
    launch, told = Killable(), list[Event]()

    def kill() -> None:  # stopped, so that it is dead before its part of the next step is done
        launch.kill(1, signal.SIGSTOP)
        threading.Timer(0.3, launch.kill, (1, signal.SIGKILL)).start()

    whole = trained("bai3", on_event=at_step(7, kill, told), steps=Team(3, launch).open)
    assert whole == alone("bai3")
    lost = [event for event in told if isinstance(event, WorkerLost)]
    assert len(lost) == 1 and "the worker on " in lost[0].reason and not lost[0].alone
    assert len(launch.launched) == 2
    processes = [process for each in launch.launched for process in each.processes]
    assert all(process.poll() is not None for process in processes)


def test_a_terminal_s_ctrl_c_does_not_reach_a_worker_that_has_just_begun() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        workers = LocalWorkers(Invitation("127.0.0.1", listener.getsockname()[1], "token", 1), 1)
        (process,) = workers.processes
        group = os.getpgid(process.pid)
        process.kill()
        workers.end()
    assert group == process.pid


def test_a_worker_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "ENDING_SECONDS", 0.2)
    launch, told = Killable(), list[Event]()
    hang = partial(launch.kill, 0, signal.SIGSTOP)
    team = Team(2, launch, patience=4.0)
    whole = trained("bai3", on_event=at_step(9, hang, told), steps=team.open)
    assert whole == alone("bai3")
    lost = [event for event in told if isinstance(event, WorkerLost)]
    assert "nothing for 4 seconds" in lost[0].reason


def test_where_no_other_can_be_started_it_goes_on_alone() -> None:
    told: list[Event] = []
    crews: list[LocalWorkers] = []

    def launch(invitation: Invitation, count: int) -> LocalWorkers:
        if crews:
            raise OSError("no more processes")
        crews.append(LocalWorkers(invitation, count))
        return crews[0]

    listener = at_step(3, lambda: crews[0].processes[0].kill(), told)
    assert trained("bai3", on_event=listener, steps=Team(2, launch).open) == alone("bai3")
    lost = [event for event in told if isinstance(event, WorkerLost)]
    assert [event.alone for event in lost] == [False] * (MOST_LOSSES - 1) + [True]
    assert lost[-1].reason == "no more processes"


def test_an_error_in_a_worker_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Event] = []
    first = [True]

    def fails(worker: member.Member) -> None:
        if first and not first.clear():
            raise MemoryError("no room")
        step(worker)

    step = member.Member.step
    monkeypatch.setattr(member.Member, "step", fails)
    short = "training.epochs=2"
    whole = trained("bai3", short, on_event=told.append, steps=IN_THREADS.open)
    assert whole == alone("bai3", short)
    (lost,) = [event for event in told if isinstance(event, WorkerLost)]
    assert "MemoryError: no room" in lost.reason


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def older(kernels: str) -> dict[str, str]:
        return environment.exact_facts(kernels) | {"numpy": "1.0"}

    monkeypatch.setattr(worker, "exact_facts", older)
    with pytest.raises(InputError, match=r"the worker on .*not give the same bits: numpy .* → 1.0"):
        trained("bai3", steps=IN_THREADS.open)


def test_workers_that_cannot_begin_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_MODULE", "hoiquy.no_such_module")
    with pytest.raises(TrainingError, match=r"could not begin: .*no_such_module"):
        trained("bai3", steps=Team(2).open)


def test_workers_that_do_not_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "JOINING_SECONDS", 1.0)

    def fewer(invitation: Invitation, count: int) -> ThreadWorkers:
        return ThreadWorkers(invitation, count - 1)

    with pytest.raises(TrainingError, match=r"\d of 2 workers came within"):
        trained("bai3", steps=Team(3, fewer).open)


def test_strangers_at_the_port_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "_ADMITTING_SECONDS", 2.0)
    strangers: list[socket.socket] = []

    def besieged(invitation: Invitation, count: int) -> ThreadWorkers:
        for content in (b"", b"GET / HTTP/1.1\r\n\r\n", os.urandom(5000), bytes(64)):
            stranger = socket.create_connection((invitation.host, invitation.port))
            stranger.sendall(content)
            strangers.append(stranger)  # and it stays
        return ThreadWorkers(invitation, count)

    short = "training.epochs=2"
    try:
        assert trained("bai3", short, steps=Team(3, besieged).open) == alone("bai3", short)
    finally:
        for stranger in strangers:
            stranger.close()
