"""A Spark cluster on this machine: a master, workers and the Thrift server, each a process, on loopback only.

`make spark` installs Spark beside the tests; Java has to be there. `missing()` says what is not.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.postgresql import free_port

PATIENCE_S = 180
# Tests ask many small questions once: compiling each to fast code would cost far more than it gains.
QUICK = {
    "spark.sql.shuffle.partitions": 2,
    "spark.sql.session.timeZone": "Asia/Kathmandu",  # no answer may depend on it
    "spark.ui.enabled": "false",
}
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass
class Cluster:
    """The port of the Thrift server, the home of everything, and the processes by their names."""

    port: int
    home: Path
    processes: dict[str, subprocess.Popen]

    def address(self, database="default") -> str:
        return f"hive://127.0.0.1:{self.port}/{database}"


def missing() -> str:
    """What there is not that a cluster needs, as a sentence; empty where it can be started."""
    if not shutil.which("java"):
        return "Java is not installed"
    return "" if find_spec("pyspark") else "Spark is not installed: `make spark`"


@contextmanager
def spark_cluster(settings=QUICK, java=JAVA, memory="600m", driver="1g", workers=2):
    """Starts one, with so many workers of a core each, so much memory for each executor and for the driver, waits until
    its Thrift server answers, and stops every process of it at the end."""
    spark = Path(find_spec("pyspark").origin).parent
    with tempfile.TemporaryDirectory(prefix="rl-spark-", ignore_cleanup_errors=True) as folder:
        home, processes = Path(folder), {}
        environment = {
            **os.environ,
            "SPARK_HOME": str(spark),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(home / "scratch"),
            "SPARK_WORKER_DIR": str(home / "work"),
            "SPARK_DAEMON_JAVA_OPTS": java,
        }
        master, port = f"spark://127.0.0.1:{free_port()}", free_port()

        def start(name, heap, *command):
            with (home / f"{name}.log").open("wb") as log:
                how = {"stdout": log, "stderr": subprocess.STDOUT, "start_new_session": True}
                own = {**environment, "SPARK_DAEMON_MEMORY": heap}
                processes[name] = subprocess.Popen(command, cwd=home, env=own, **how)

        def daemon(name, kind, *arguments):
            classes = f"org.apache.spark.deploy.{kind}.{kind.title()}"
            start(
                name, "150m", spark / "bin/spark-class", classes, "--host", "127.0.0.1", "--webui-port", "0", *arguments
            )

        daemon("master", "master", "--port", master.rpartition(":")[2])
        for number in range(workers):
            daemon(f"worker{number}", "worker", "--cores", "1", "--memory", memory, master)
        options = {
            **settings,
            "spark.cores.max": workers,
            "spark.executor.cores": 1,
            "spark.executor.memory": memory,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.extraJavaOptions": f"{java} -Dderby.system.home={home}",
            "spark.executor.extraJavaOptions": java,
            "spark.sql.warehouse.dir": f"{home}/warehouse",
            "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
            "spark.hadoop.hive.server2.thrift.bind.host": "127.0.0.1",
            "spark.hadoop.hive.server2.thrift.port": port,
        }
        written = [word for name, value in options.items() for word in ("--conf", f"{name}={value}")]
        server = ("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2", "spark-internal")
        start("thriftserver", driver, spark / "bin/spark-submit", "--master", master, *written, *server)
        cluster = Cluster(port, home, processes)
        try:
            _wait_until_it_answers(cluster)
            yield cluster
        finally:
            for process in processes.values():
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def _wait_until_it_answers(cluster):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for name, process in cluster.processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"Spark's {name} ended: {(cluster.home / f'{name}.log').read_text()[-4000:]}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", cluster.port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"Spark's Thrift server did not answer within {PATIENCE_S} s")
