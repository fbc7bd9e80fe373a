"""Many cases of one session for the price of its beginning once: where a fault comes, a process branches off.

All cases of the matrix with the same switches are the same session up to the call where their fault comes. So
that session runs once, without a fault; at each call a child process (``fork``) goes on with each fault that
comes there, on a copy of the store, and tells by a pipe what it came to. Nothing of a case is left out: the
child has everything its parent had at that moment, and what it does, it does to its own memory and store.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import traceback
import warnings

from attrs import define, field


@define
class Exchangeable:
    """A store in whose place another one can be put, while services hold it."""

    store: object

    def __getattr__(self, name):
        return getattr(self.store, name)


@define
class Branches:
    """Takes the place of a plan: gives no fault itself, and lets a child go on with those of *plans*.

    Args:
        plans: plans of one fault each.
        copied: copies the store as it is now; called in the parent. It returns what opens the copy, which is
            called in the child.
    """

    plans: tuple
    copied: object
    #: What the cases came to, by plan.
    found: dict = field(factory=dict)
    #: The store that services hold.
    store: Exchangeable | None = None
    #: In a child: where it tells what it came to.
    pipe: int | None = None

    def at(self, session, call, nth):
        """Branch off for every fault of this moment; return the fault in a child, none in the parent."""
        for plan in self.plans if self.pipe is None else ():
            faults = plan.at(session, call, nth)
            if faults and self._branches_off(plan):
                return faults
        return ()

    def _branches_off(self, plan):
        """Return whether this is the child, once the child is over in the parent."""
        opens = self.copied()
        reads, writes = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # other threads: the child calls none of them
            child = os.fork()
        if child == 0:
            self.pipe = writes
            self.store.store = opens()
            return True
        os.close(writes)
        try:
            with os.fdopen(reads, "rb") as told:
                words = told.read()
        except BaseException:
            os.kill(child, signal.SIGKILL)  # it took too long
            raise
        finally:
            os.waitpid(child, 0)
        self.found[plan] = pickle.loads(words) if words else "its process died without a word"
        return False


def run_branches(branches, run, store):
    """Run a session with *branches* and return what its cases came to, by plan.

    Args:
        branches: stand for the plan.
        run: runs the session on a store to its end and returns what it came to; the parent's is left out.
        store: empty.
    """
    branches.store = Exchangeable(store)
    gc.freeze()  # what is there already is not looked through again by each child
    try:
        found = run(branches.store)
    except BaseException:
        if branches.pipe is None:
            raise
        found = traceback.format_exc()
    finally:
        gc.unfreeze()
        if branches.pipe is not None:
            _tell(branches.pipe, found)
    return branches.found


def _tell(pipe, found):
    """Tell the parent, and end this process as if it had never been: nothing is cleaned up twice."""
    try:
        with os.fdopen(pipe, "wb") as parent:
            parent.write(pickle.dumps(found))
    finally:
        os._exit(0)
