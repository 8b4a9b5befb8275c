"""The words that engine, worker and plugins share: tasks, properties, states and what a run may reach."""

from plugins.contracts.conditions import Condition, ConditionFacts
from plugins.contracts.pieces import Model, Plugin, Problem
from plugins.contracts.properties import Property
from plugins.contracts.retry import Retry
from plugins.contracts.runners import Runner, ScriptCommand, ScriptResult
from plugins.contracts.running import Outcome, PluginError, ReportedRun, RunContext, VariableChange
from plugins.contracts.states import TERMINAL, LogLevel, State
from plugins.contracts.tasks import RunnableTask, Task
from plugins.contracts.triggers import Trigger

__all__ = [
    "TERMINAL",
    "Condition",
    "ConditionFacts",
    "LogLevel",
    "Model",
    "Outcome",
    "Plugin",
    "PluginError",
    "Problem",
    "Property",
    "ReportedRun",
    "Retry",
    "RunContext",
    "RunnableTask",
    "Runner",
    "ScriptCommand",
    "ScriptResult",
    "State",
    "Task",
    "Trigger",
    "VariableChange",
]
