"""A process that settles a day as the worker does and dies, or waits, at a moment it is told.

``python -m tests.races.settler SETTLEMENT MOMENT HOW``: how is ``die``, by SIGKILL, or ``wait``, which says so and goes
on at the next line it reads. The moments are those of ``MOMENTS``, and ``none``.
"""

import os
import signal
import sys

MOMENTS = {
    "counted a bucket": ("tanhui.tally.settle", "partition"),
    "counted all": ("tanhui.inclusion.acts.settling", "computed"),
    "claimed": ("tanhui.inclusion.acts.points", "claim"),
    "posted": ("tanhui.inclusion.acts.days", "post"),
    "told": ("tanhui.inclusion.acts.settling", "record"),
}


def main(key, moment, how):
    import django

    django.setup()
    from importlib import import_module

    from tanhui.inclusion import tasks
    from tanhui.tally import run

    def stop():
        if how == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        print(moment, flush=True)
        sys.stdin.readline()

    if moment in MOMENTS:
        place, name = MOMENTS[moment]
        module = run if name == "partition" else import_module(place)
        act = getattr(module, name)

        stopped = []

        def stopping(*args, **values):
            done = act(*args, **values)
            if not stopped:
                stopped.append(moment)
                stop()
            return done

        setattr(module, name, stopping)
    tasks.settle(key)


if __name__ == "__main__":
    main(*sys.argv[1:4])
