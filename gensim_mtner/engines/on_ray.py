"""Training on the machines of a Ray cluster: an actor a machine, with threads inside."""

from __future__ import annotations

import importlib
import logging
import os
import re
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from gensim_mtner.engines.adasum import joint_rate
from gensim_mtner.engines.engine import Result, Runner
from gensim_mtner.engines.intervals import Lost, Sharded
from gensim_mtner.engines.local import check_sharding, facts_of, homes_of, syncs_of
from gensim_mtner.engines.replica import Replica, settings_of
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.vectors.rows import is_number

logger = logging.getLogger(__name__)

POLL = 1.0  # seconds between looks at what is not done yet
START = 120.0  # seconds that a machine has at least to start a worker
OPENING = 10  # limits for reading a shard of the text, of which a worker says no more than that it is there
TELL = 60.0  # seconds of waiting before it is told for whom
STORE = 1 << 29  # bytes of shared memory a machine of a cluster of our own: two pieces on their way, and some room
ADDRESS = re.compile(r"[^\s:/]+:\d+|\[[0-9a-fA-F:]+\]:\d+")
INSTALL = "pip install 'gensim-mtner[ray]'"


class RayEngine:
    """Trains on several machines; the result has the bits of `LocalEngine`, with as many shards and one thread each.

    Each machine has one worker, with the model's `workers` threads, and a share of the documents. Between the intervals
    of a pass workers hand each other how rows have moved. A worker that is lost costs an interval: the others go back
    to where it began, and another takes its place, with their state.

    Parameters
    ----------
    address : str, optional
        Of a running cluster, such as "10.0.0.1:6379", or "auto" for the one of this machine. Without one, a cluster is
        started on this machine, and ended afterwards.
    machines : int
        How many workers.
    syncs, dtype
        As in `LocalEngine`.
    limit : float
        Seconds. In a pass a worker that has done nothing for so long is given up, and replaced. What is done in parts
        (labels, encoding, tagging) gives no sign of life: a part has ten times as long, or 20 minutes where that is
        more, and then ends the work with an error.
    **init
        Passed to ``ray.init``, such as ``_node_ip_address``, for which of its addresses others reach this machine at.

    Raises
    ------
    ModuleNotFoundError
        If Ray is not installed.

    Notes
    -----
    Ray unpickles what arrives at a machine, so that whoever reaches a cluster's ports can run code there: keep it in a
    network that you trust.

    Examples
    --------
    >>> from gensim_mtner import EncodedText, MTWord2Vec
    >>> text = EncodedText.open("pairs.shards")  # doctest: +SKIP
    >>> model = MTWord2Vec(text, engine=RayEngine("10.0.0.1:6379", machines=16), workers=16)  # doctest: +SKIP
    """

    at_once = 2_000  # of a million tokens each of 16 machines has two or three parts

    def __init__(
        self,
        address: str | None = None,
        *,
        machines: int = 2,
        syncs: int | None = None,
        dtype: str = "float32",
        limit: float = 300.0,
        **init: Any,
    ):
        check_sharding(machines, syncs, dtype, "machines")
        if not is_number(limit) or limit <= 0:
            raise ValueError(f"limit={limit!r}: expected a number of seconds above 0")
        if address not in (None, "auto") and not (isinstance(address, str) and ADDRESS.fullmatch(address)):
            raise ValueError(f"address={address!r}: expected HOST:PORT of a Ray cluster, 'auto', or None")
        ray_module()
        self.address, self.shards, self.syncs, self.dtype = address, int(machines), syncs, dtype
        self.limit, self.init, self.joint_rate = float(limit), init, joint_rate(self.shards)
        self._begun: str | None = None  # the cluster that this engine is connected to

    def check(self, model: Any, encoded: EncodedCorpus) -> None:
        """See `Engine`."""
        homes_of(model, encoded, self.shards)

    @contextmanager
    def open(self, model: Any, encoded: EncodedCorpus, passes: int) -> Iterator[Runner]:
        """See `Engine`."""
        homes, syncs = homes_of(model, encoded, self.shards), syncs_of(self, passes)
        with self._connected(model.workers):
            cluster = RayCluster(settings_of(model, self.dtype), self.shards, model.workers, self.limit)
            try:
                yield Sharded(cluster, model, encoded, homes, self.shards, syncs)
            finally:
                cluster.stop()

    def facts(self, passes: int) -> dict[str, Any]:
        """See `Engine`."""
        return facts_of(self, passes)

    def map(self, function: Callable[..., Result], items: Iterable[tuple]) -> Iterator[Result]:
        """See `Engine`; what is done on a machine that is lost is done again on another."""
        with self._connected(1):
            ray = ray_module()
            task = ray.remote(_applied).options(scheduling_strategy="SPREAD", max_retries=3)
            there = ray.put(function)  # a tagger is large, and sent to a machine once
            waiting: deque[Any] = deque()
            most = 10 * max(self.limit, START)  # a part may be long, and says nothing meanwhile

            def first() -> Result:
                begun, handle = time.monotonic(), waiting.popleft()
                while not ray.wait([handle], timeout=TELL)[0]:
                    if time.monotonic() - begun > most:
                        raise RuntimeError(
                            f"no machine has done {function} in {most:.0f} s: is one too slow, or stopped?"
                        )
                    logger.info("waiting for %.0f s for a part of the work", time.monotonic() - begun)
                try:
                    return ray.get(handle, timeout=self.limit)
                except ray.exceptions.RayTaskError as error:
                    raise error.cause from error
                except ray.exceptions.RayError as error:
                    raise RuntimeError(f"a part of the work is lost: {error}") from error

            for item in items:
                waiting.append(task.remote(there, *item))
                if len(waiting) > 2 * self.shards:
                    yield first()
            while waiting:
                yield first()

    def held(self, threads: int = 1) -> AbstractContextManager[None]:
        """See `Engine`."""
        return self._connected(threads)

    @contextmanager
    def _connected(self, threads: int) -> Iterator[None]:
        """Within it there is a cluster; it is never one that happens to be there."""
        ray = ray_module()
        given = {"log_to_driver": False, "configure_logging": False, "include_dashboard": None, **self.init}
        if self.address is None:
            given |= {"address": "local", "num_cpus": self.shards * threads, "include_dashboard": False}
            given.setdefault("object_store_memory", STORE)
        else:
            given["address"] = self.address
        if ray.is_initialized():
            there = ray.get_runtime_context().gcs_address
            if self.address not in ("auto", there) and self._begun != there:
                raise RuntimeError(
                    f"this process is connected to the Ray cluster {there} already: pass RayEngine({there!r}) to train "
                    "on it, or call ray.shutdown() first"
                )
            yield
            return
        self._reach()
        handlers = {}
        if threading.current_thread() is threading.main_thread():  # Ray takes the signal for itself
            handlers[signal.SIGTERM] = signal.getsignal(signal.SIGTERM)
        # what a lost worker leaves undone is told of by us, once
        os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")
        try:
            ray.init(**given)
        except (ConnectionError, TimeoutError, RuntimeError, ValueError) as error:
            raise ConnectionError(
                f"the Ray cluster {self.address or 'on this machine'} could not be reached or started: {error}"
            ) from error
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        try:
            self._begun = ray.get_runtime_context().gcs_address
            yield
        finally:
            self._begun = None
            ray.shutdown()

    def _reach(self) -> None:
        """Refuse an address where nobody answers, which Ray itself would try for minutes."""
        if self.address in (None, "auto"):
            return
        host, _, port = self.address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=min(self.limit, 20.0)).close()
        except (OSError, OverflowError) as error:
            raise ConnectionError(
                f"no Ray cluster answers at {self.address} ({error}): is its head started, and reachable from here?"
            ) from error

    def __repr__(self) -> str:
        return f"RayEngine({self.address!r}, machines={self.shards}, syncs={self.syncs}, dtype={self.dtype!r})"


class RayCluster:
    """The four calls of `gensim_mtner.engines.intervals.Cluster`, by Ray's actors."""

    shares = False

    def __init__(self, settings: dict[str, Any], shards: int, threads: int, limit: float):
        self.ray = ray_module()
        self.settings = self.ray.put(settings)
        self.shards, self.threads, self.limit = shards, threads, limit
        self.actors: dict[int, Any] = {}
        self.places: dict[int, str] = {}  # the machine of each worker
        self.hosts: dict[int, str] = {}  # its name

    def start(self, rank: int) -> None:
        """See `Cluster`: on the machine that has the fewest workers."""
        if rank in self.actors:
            self.ray.kill(self.actors.pop(rank))
            self.places.pop(rank, None)
        nodes = [node for node in self.ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
        if not nodes:
            raise RuntimeError("the Ray cluster has no machine with processors")
        taken = list(self.places.values())
        node = min(nodes, key=lambda node: (taken.count(node["NodeID"]), node["NodeManagerAddress"]))
        room = (taken.count(node["NodeID"]) + 1) * self.threads <= node["Resources"]["CPU"]
        name = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
        if not room:
            logger.warning("%s has %i processors, and gets worker %i with %i threads on top of those that it has",
                           name, node["Resources"]["CPU"], rank, self.threads)  # fmt: skip
        affinity = importlib.import_module("ray.util.scheduling_strategies").NodeAffinitySchedulingStrategy
        kind = self.ray.remote(concurrency_groups={"beats": 1})(Replica).options(
            num_cpus=self.threads if room else 0, scheduling_strategy=affinity(node["NodeID"], soft=True),
            max_restarts=0,
        )  # fmt: skip
        self.actors[rank] = kind.remote(self.settings, rank, self.shards)
        self.places[rank], self.hosts[rank] = node["NodeID"], name

    def call(self, rank: int, method: str, *arguments: Any, returns: int = 1) -> Any:
        """See `Cluster`."""
        return getattr(self.actors[rank], method).options(num_returns=returns).remote(*arguments)

    def results(self, handles: Sequence[tuple[int, Any]], doing: str) -> list[Any]:
        """See `Cluster`."""
        begun = told = time.monotonic()
        limit = max(self.limit, START) if doing == "starting" else self.limit
        busy = OPENING * self.limit if doing == "opening the text" else limit  # of one that answers
        waiting = {handle: rank for rank, handle in handles}
        alive = {rank: (begun, -1) for rank, _ in handles}  # when each was last seen to have done something
        heard = {rank: begun for rank, _ in handles}  # and to have answered
        found: dict[Any, Any] = {}
        while waiting:
            for handle in self.ray.wait(list(waiting), num_returns=len(waiting), timeout=POLL)[0]:
                found[handle] = self._get(handle, doing)
                del waiting[handle]
            left, now = sorted(set(waiting.values())), time.monotonic()
            if left and now - min(alive[rank][0] for rank in left) > min(10.0, limit / 4):
                for rank, jobs in self._beats(left).items():
                    if jobs is not None:
                        heard[rank] = time.monotonic()
                        if jobs != alive[rank][1]:
                            alive[rank] = heard[rank], jobs
            still = [rank for rank in left if now - heard[rank] > limit or now - alive[rank][0] > busy]
            if still:  # maybe since they wait for one that hangs
                long = limit if any(now - heard[rank] > limit for rank in still) else busy
                still = self._silent() or still
                raise Lost(still, f"{doing}: {self._names(still)} did nothing for {long:.0f} s")
            if left and now - told > TELL:
                told = now
                logger.info("%s for %.0f s: waiting for %s", doing, now - begun, self._names(left))
        return [found[handle] for _, handle in handles]

    def stop(self) -> None:
        """See `Cluster`."""
        for actor in self.actors.values():
            self.ray.kill(actor)
        self.actors.clear()

    # -- how workers fare

    def _get(self, handle: Any, doing: str) -> Any:
        errors = self.ray.exceptions
        gone = (errors.RayActorError, errors.ActorUnschedulableError, errors.ObjectLostError, errors.NodeDiedError,
                errors.WorkerCrashedError, errors.OutOfMemoryError, errors.GetTimeoutError)  # fmt: skip
        try:
            return self.ray.get(handle, timeout=self.limit)
        except gone as error:
            ranks = self._silent()
            reason = str(error).strip().splitlines()[0]
            raise Lost(ranks, f"{doing}: {self._names(ranks) or 'what a worker had'} is lost ({reason})") from error
        except errors.ObjectStoreFullError as error:
            raise MemoryError(f"{doing}: the shared memory of a machine is full ({error}); start Ray with more "
                              "--object-store-memory") from error  # fmt: skip
        except errors.RayTaskError as error:  # what a replica raised is more telling without Ray's own text
            raise error.cause from error
        except errors.RayError as error:
            raise RuntimeError(f"{doing}: Ray has failed ({error}); a checkpoint can be gone on with") from error

    def _silent(self) -> list[int]:
        return [rank for rank, jobs in self._beats(range(self.shards)).items() if jobs is None]

    def _beats(self, ranks: Iterable[int]) -> dict[int, int | None]:
        """How many jobs workers have done; None for those that do not answer."""
        asked = {rank: self.actors[rank].beat.options(concurrency_group="beats").remote() for rank in ranks}
        done, _ = self.ray.wait(list(asked.values()), num_returns=len(asked), timeout=min(10.0, self.limit))
        found: dict[int, int | None] = {}
        for rank, handle in asked.items():
            try:
                found[rank] = self.ray.get(handle, timeout=0) if handle in done else None
            except self.ray.exceptions.RayError:
                found[rank] = None
        return found

    def _names(self, ranks: Iterable[int]) -> str:
        return ", ".join(f"worker {rank} on {self.hosts.get(rank, 'a machine')}" for rank in ranks)


def _applied(function: Callable[..., Result], *item: Any) -> Result:
    """A function of this module, as Ray takes none that are not written in Python."""
    return function(*item)


def ray_module() -> Any:
    """Ray, which is an extra.

    Raises
    ------
    ModuleNotFoundError
        With what to install.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"training on several machines needs Ray: {INSTALL}") from error
    return ray
