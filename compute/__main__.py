"""``python -m compute induction …`` and ``python -m compute ablate …``; see `compute.cli`."""

import sys

from compute.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
