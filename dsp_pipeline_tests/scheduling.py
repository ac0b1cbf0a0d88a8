"""Which tests go to one worker of xdist together."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

_ON_THE_STACK = ("test_with_a_stack.py", "test_drop_to_dashboard.py", "test_commands_that_talk_to_the_stack_work")


def is_on_the_stack(nodeid: str) -> bool:
    """Whether a test is one of those that share the whole stack."""
    return any(part in nodeid for part in _ON_THE_STACK)


class OneStack(LoadScopeScheduling):  # type: ignore[misc]  # xdist's schedulers are not typed for subclasses
    """Sends the tests that share the whole stack to one worker; else each would start one of its own.

    ``--dist loadgroup`` was meant for this, but xdist 3.8 tells groups by a suffix of the tests' ids, and
    pytest 9.2 no longer lets it add one: marked tests went anywhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "stack" if is_on_the_stack(nodeid) else nodeid
