"""The app of manager_app.py whose jobs run on the workers of the scheduler in HEADSCOPE_SCHEDULER.

Its functions are those of a module that the workers import too.
"""

import logging
import os
import sys

import manager_app

from compute.engine.desk import Desk

if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    desk = Desk(os.environ["HEADSCOPE_SCHEDULER"])
    print(desk.open())
    manager_app.create_app(desk).run(port=int(sys.argv[2]), debug=False)
