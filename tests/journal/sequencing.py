"""A process that sequences without end, a few facts at a time, until it is killed; a line for each checkpoint.

``python -m tests.journal.sequencing``; settings and database as the environment says.
"""

import os
import random
from datetime import UTC, datetime


def main():
    import django

    django.setup()
    from tanhui.journal import sequencer

    while True:
        if count := sequencer.sequence(at=datetime.now(UTC), most=random.randint(1, 9)):
            os.write(1, f"{count}\n".encode())


if __name__ == "__main__":
    main()
