"""Throughput and latency of `hoiquy serve` under load, one short text per request."""

import argparse
import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import hoiquy
from hoiquy.prediction.load import load_predictor
from hoiquy.recipe.recipe import parse_recipe
from predict_speed import PROGRAM, RECIPE, texts

MOST_CONNECTIONS = 2_000  # of the overload


@dataclass
class Tally:
    """Responses and lost connections."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # of the answers 200
    unsent: int = 0  # due while no connection was free
    lost: int = 0  # closed connections

    def line(self, elapsed: float) -> str:
        good = self.statuses[200]
        p50, p99 = np.percentile(self.seconds or [np.nan], [50, 99]) * 1000
        others = {status: count for status, count in sorted(self.statuses.items()) if status != 200}
        rest = f"; others {others}" if others else ""
        rest += f"; {self.unsent:,} never sent" if self.unsent else ""
        rest += f"; {self.lost} connections lost" if self.lost else ""
        return f"{good / elapsed:6,.0f} answers/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms{rest}"


class Connection(asyncio.Protocol):
    """Sends one request at a time and reports when its response is complete."""

    def __init__(self, caller: "Caller") -> None:
        self._caller = caller
        self._begun = 0.0
        self._content = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._caller.lost(self)

    def send(self, request: bytes, begun: float) -> None:
        self._begun = begun
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        content = self._content + data
        end = content.find(b"\r\n\r\n")
        if end > 0:
            at = content.index(b"content-length: ") + 16
            if len(content) - end - 4 >= int(content[at : content.index(b"\r", at)]):
                self._content = b""
                self._caller.answered(self, int(content[9:12]), self._begun)
                return
        self._content = content


class Caller:
    """Many connections to the service."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self._port = port
        self._requests = itertools.cycle(requests)
        self._free: deque[Connection] = deque()
        self._closed_loop = False
        self._connections = 0
        self.tally = Tally()

    async def connect(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        self._connections = count
        while len(self._free) < count:
            _, made = await loop.create_connection(
                lambda: Connection(self), "127.0.0.1", self._port
            )
            self._free.append(made)

    def answered(self, connection: Connection, status: int, begun: float) -> None:
        now = time.perf_counter()
        self.tally.statuses[status] += 1
        if status == 200:
            self.tally.seconds.append(now - begun)
        if self._closed_loop:
            connection.send(next(self._requests), now)
        else:
            self._free.append(connection)

    def lost(self, connection: Connection) -> None:
        self.tally.lost += 1
        self._connections -= 1
        if connection in self._free:
            self._free.remove(connection)

    async def as_fast_as_possible(self, seconds: float) -> tuple[Tally, float]:
        self.tally, begun = Tally(), time.perf_counter()
        self._closed_loop = True
        while self._free:
            self._free.popleft().send(next(self._requests), time.perf_counter())
        await asyncio.sleep(seconds)
        self._closed_loop = False
        tally, elapsed = self.tally, time.perf_counter() - begun
        self.tally = Tally()  # of what is still on its way
        await self.rest()
        return tally, elapsed

    async def rest(self) -> float:
        """Wait until everything is answered; the seconds that took."""
        begun = time.perf_counter()
        while len(self._free) < self._connections:
            await asyncio.sleep(0.01)
        return time.perf_counter() - begun

    async def at_rate(self, rate: float, seconds: float) -> tuple[Tally, float]:
        """Send when it is due; what is due while all connections wait is never sent."""
        self.tally, begun = Tally(), time.perf_counter()
        sent = 0
        while (elapsed := time.perf_counter() - begun) < seconds:
            while sent < int(rate * elapsed):
                due = begun + sent / rate
                sent += 1
                if self._free:
                    self._free.popleft().send(next(self._requests), due)
                else:
                    self.tally.unsent += 1
                if sent % 64 == 0:
                    await asyncio.sleep(0)
            await asyncio.sleep(0.001)
        rest = await self.rest()
        return self.tally, elapsed + rest


def http_requests(content: list[str], port: int) -> list[bytes]:
    made = []
    for text in content:
        body = json.dumps({"text": text}).encode()
        head = (
            f"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def started(run: Path, port: int) -> tuple["subprocess.Popen[bytes]", float]:
    """The service, and the seconds until it answered a text."""
    begun = time.perf_counter()
    process = subprocess.Popen([*PROGRAM, "serve", str(run), "--port", str(port), "--quiet"])
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/predict",
        json.dumps({"text": "w1"}).encode(),
        {"Content-Type": "application/json"},
    )
    while True:
        try:
            with urllib.request.urlopen(asked, timeout=10):
                return process, time.perf_counter() - begun
        except OSError:
            if process.poll() is not None or time.perf_counter() - begun > 300:
                raise
            time.sleep(0.02)


def processor_seconds(process: "subprocess.Popen[bytes]") -> float:
    """User and system time so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(process: "subprocess.Popen[bytes]") -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def report(what: str, result: str, process: "subprocess.Popen[bytes]") -> None:
    load = os.getloadavg()[0]
    print(f"{what:<28} {result}; {resident_mib(process):.0f} MiB; load {load:.1f}", flush=True)


def slices(minutes: float, seconds: float) -> Iterator[float]:
    for _ in range(round(minutes * 60 / seconds)):
        yield seconds


async def load(
    chosen: argparse.Namespace, requests: list[bytes], process: "subprocess.Popen[bytes]"
) -> float:
    """All the load; returns the rate that was reached as fast as possible."""
    caller = Caller(chosen.port, requests)
    await caller.connect(chosen.connections)
    await caller.as_fast_as_possible(2)  # warm
    before = processor_seconds(process)
    tally, elapsed = await caller.as_fast_as_possible(chosen.seconds)
    rate = tally.statuses[200] / elapsed
    report("as fast as possible", tally.line(elapsed), process)
    each = (processor_seconds(process) - before) / tally.statuses.total()
    print(f"{each * 1e6:.0f} µs of processor time an answer: a core has {1 / each:,.0f} a second")
    half = rate / 2
    report(f"at {half:,.0f}/s", (await timed(caller, half, chosen.seconds)), process)
    for seconds in slices(chosen.minutes, 60):
        report(f"at {half:,.0f}/s, a minute", (await timed(caller, half, seconds)), process)
    await caller.connect(MOST_CONNECTIONS)
    report(f"at {10 * rate:,.0f}/s", (await timed(caller, 10 * rate, chosen.seconds)), process)
    report(f"and again {half:,.0f}/s", (await timed(caller, half, chosen.seconds)), process)
    return rate


async def timed(caller: Caller, rate: float, seconds: float) -> str:
    tally, elapsed = await caller.at_rate(rate, seconds)
    return tally.line(elapsed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each part")
    parser.add_argument("--minutes", type=float, default=0, help="at half the rate, for memory")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--port", type=int, default=8941)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(chosen, Path(place) / "run")


def measure(chosen: argparse.Namespace, run: Path) -> None:
    labelled = [(text, "ab"[at % 2]) for at, text in enumerate(texts(4000, 1))]
    hoiquy.train(labelled, parse_recipe(RECIPE, "benchmark"), run)
    content = texts(20_000, 2)
    predictor = load_predictor(run)
    predictor.predict_proba(content[:100])
    begun = time.perf_counter()
    predictor.predict_proba(content)
    alone = len(content) / (time.perf_counter() - begun)
    print(f"{os.cpu_count()} processors; load {os.getloadavg()[0]:.1f}")
    print(f"Predictor.probabilities alone: {alone:,.0f} documents/s", flush=True)
    process, _ = started(run, chosen.port)
    try:
        rate = asyncio.run(load(chosen, http_requests(content, chosen.port), process))
        print(f"one text a request: {rate / alone:.3f} of Predictor.probabilities alone")
        process.send_signal(signal.SIGKILL)
        process.wait()
        process, seconds = started(run, chosen.port)
        print(f"killed and started again: first answer after {seconds:.2f} s")
    finally:
        process.terminate()
        print(f"stopped with exit code {process.wait(timeout=60)}")


if __name__ == "__main__":
    sys.exit(main())
