"""Orchestration: which steps run, when, with which retries and in which processes. Articles are not parsed here."""

import os

#: Defaults of environment variables for this process and its children. They are set before NumPy and Prefect are imported, because
#: these read them only once. No usage data are sent. BLAS uses one thread, because the workers already use all cores. With
#: PYTHONSAFEPATH, no child process imports an ``etl``, ``flows`` or ``warehouse`` from the working directory.
ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONSAFEPATH": "1",
}
for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
