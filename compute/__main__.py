"""``python -m compute induction …`` and ``python -m compute ablate …``; see `command_line.app`."""

import sys

from compute.command_line.app import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
