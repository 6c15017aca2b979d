"""Lets coverage measure lines and branches by `sys.monitoring` on Python 3.12 and 3.13 too, not from 3.14 on alone.

Its tracer takes three quarters of what the tests themselves take, and notes lines under the wrong file where greenlets
switch, as SQLAlchemy does. Before 3.14 an event says only that a branch was taken, not which way, so that one must be
listened to until both ways were; otherwise all is as coverage does it.
"""

import functools
import sys

from coverage import core, env
from coverage.sysmon import SysMonitor


class BranchMonitor(SysMonitor):
    """Coverage's monitor with the one event for both ways that a branch can go."""

    def __init__(self):
        super().__init__()
        self._ways = {}

    def start(self):
        """As `SysMonitor.start`, with another event for branches."""
        local_events, monitoring = self.local_events(), sys.monitoring
        with self.lock:
            while monitoring.get_tool(self.myid) is not None:
                self.myid += 1
            monitoring.use_tool_id(self.myid, "coverage.py")
            register = functools.partial(monitoring.register_callback, self.myid)
            monitoring.set_events(self.myid, monitoring.events.PY_START)
            register(monitoring.events.PY_START, self.sysmon_py_start)
            register(monitoring.events.PY_RETURN, self.sysmon_py_return)
            register(monitoring.events.LINE, self.sysmon_line_arcs)
            register(monitoring.events.BRANCH, self._branch)
            monitoring.restart_events()
            self.sysmon_on = True
            for code in self.code_objects:
                if self.code_infos[id(code)].tracing:
                    monitoring.set_local_events(self.myid, code, local_events)

    def local_events(self):
        events = sys.monitoring.events
        return events.LINE | events.PY_RETURN | events.BRANCH

    def _branch(self, code, offset, destination):
        """Note each way once; both ends the event, which is one for both."""
        known = self._ways.get((id(code), offset))
        if known == destination:
            return None
        self.sysmon_branch_either(code, offset, destination)
        if known is not None:
            return sys.monitoring.DISABLE
        self._ways[id(code), offset] = destination
        return None


def install():
    """Make it what coverage measures with, if there is need of it and none was begun."""
    if sys.version_info >= (3, 12) and not env.PYBEHAVIOR.branch_right_left:
        core.SysMonitor = BranchMonitor
        env.PYBEHAVIOR.branch_right_left = env.SYSMON_DEFAULT = True
