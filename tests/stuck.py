"""A module that never ends to be imported, for test_manager.py."""

import os
import threading
from pathlib import Path

Path(os.environ["STUCK"]).write_text(str(os.getpid()))
threading.Event().wait()
