"""Which steps run, when, how often retried, and in which processes. No text logic here."""

import os

#: What every process of ours finds in its environment, unless the machine says otherwise. It has to be there before NumPy and
#: Prefect are imported, which read it once; child processes inherit it. Nothing here sends usage data; the workers share
#: the cores, and a BLAS with threads of its own in each would only make them wait for one another. A working directory may hold
#: an ``etl``, ``flows`` or ``warehouse`` of its own; no Python process that we start imports them.
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
