"""Workers of Headscope on a SLURM cluster: ``PYTHONPATH=. .venv/bin/python docs/slurm.py``.

Change queue, resources and folders to yours. Ends with Ctrl-C, and so do the jobs. What is written
here is explained in cluster.md; https://jobqueue.dask.org has all the other options.
"""

import threading

from dask_jobqueue import SLURMCluster


def cluster() -> SLURMCluster:
    """Return the scheduler, which is in this process, without workers yet."""
    return SLURMCluster(
        protocol="tls://",
        queue="gpu",
        walltime="08:00:00",
        cores=1,  # one computation at a time in each worker,
        job_cpu=8,  # which has eight cores,
        memory="32GB",
        job_extra_directives=["--gpus=1"],  # and a GPU
        python="/home/me/headscope/.venv/bin/python",
        job_script_prologue=[
            "cd /home/me/headscope",
            "export HEADSCOPE_CACHE=/home/me/headscope-cache HF_HUB_OFFLINE=1",
        ],
        scheduler_options={"dashboard_address": "127.0.0.1:0"},  # for nobody else
        worker_extra_args=[
            *("--memory-limit", "0"),  # SLURM has its own; Dask's would have a worker wait
            *("--no-dashboard", "--dashboard-address", "127.0.0.1:0"),
        ],
        local_directory="/tmp",
    )


if __name__ == "__main__":
    with cluster() as made:
        made.scale(jobs=4)
        print(f"The scheduler is at {made.scheduler_address}", flush=True)
        threading.Event().wait()
