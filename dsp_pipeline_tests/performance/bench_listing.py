"""How many CPU-seconds a listing costs: ours, and boto3's paginator.

Run it as ``python -m dsp_pipeline_tests.performance.bench_listing [KEYS]``. Making 100,000 objects takes minutes.
"""

from __future__ import annotations

import concurrent.futures
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from dsp_pipeline.stack import object_store
from dsp_pipeline.stack.supervisor import Supervisor
from dsp_pipeline.storage.s3 import S3Store

if TYPE_CHECKING:
    from collections.abc import Callable

_KEYS = 100_000
_WRITERS = 8


def _cpu_seconds(work: Callable[[], int]) -> tuple[int, float]:
    start = time.process_time()
    count = work()
    return count, time.process_time() - start


def main(keys: int) -> None:
    """Fill a fresh bucket and list it three times each way."""
    with tempfile.TemporaryDirectory() as name, Supervisor(Path(name) / "logs") as supervisor:
        started = object_store.start(supervisor, Path(name) / "store", environment=os.environ)
        server = started.server
        os.environ.update(server.environment)
        store = S3Store(server.buckets.drop, endpoint=server.endpoint, addressing="path")
        with concurrent.futures.ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(lambda n: store.put(f"data-{n % 1000:03d}/drop {n:06d}.csv", b"a\n1\n"), range(keys)))
        client = boto3.client("s3", endpoint_url=server.endpoint, region_name=server.region)
        paginator = client.get_paginator("list_objects_v2")

        def by_boto3() -> int:
            return sum(len(page.get("Contents", [])) for page in paginator.paginate(Bucket=server.buckets.drop))

        for way, work in (("ours", lambda: len(list(store.list()))), ("boto3's paginator", by_boto3)) * 3:
            count, seconds = _cpu_seconds(work)
            print(f"{way:18} {count:7,} keys {seconds:6.2f} CPU-s")  # noqa: T201 - a report for people
        started.remove_sockets()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else _KEYS)
