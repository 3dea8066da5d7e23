"""All numbers: models, vectors, attention, maps and scores. Knows nothing of the page."""

import os

# Where the package `kernels` is installed, transformers would fetch program code from the hub for
# some families. It reads this when it is imported.
os.environ["USE_HUB_KERNELS"] = "0"
