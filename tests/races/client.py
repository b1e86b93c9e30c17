"""A process that transfers units back and forth and says so after each commit, until it or its database is killed.

``python -m tests.races.client SOURCE TARGET BATCH MANDATE… PREFIX``, all of them ids; the four mandates are those of
the source's and of the target's initiator and confirmer. Writes one line for each transfer: its reference and its id.
"""

import os
import random
import sys
from threading import Thread

THREADS = 4


def main(source, target, batch, mandates, prefix):
    import django

    django.setup()
    from django.db import Error, connection

    from tanhui.identity.models import Mandate
    from tanhui.registry.acts import transfer
    from tanhui.registry.acts.lines import Wanted
    from tanhui.registry.acts.signing import Signatures
    from tanhui.registry.models import Batch, SubAccount

    places = [SubAccount.objects.select_related("account").get(pk=pk) for pk in (source, target)]
    unit = Batch.objects.select_related("asset", "project").get(pk=batch)
    people = [
        Mandate.objects.select_related("membership__organisation", "membership__person").get(pk=pk) for pk in mandates
    ]
    at = max(one.membership.organisation.registered_at for one in people)
    signatures = [Signatures(*people[:2]), Signatures(*people[2:])]

    def work(number):
        dice = random.Random(f"{prefix} {number}")
        count = 0
        while True:
            count += 1
            way = dice.randrange(2)
            reference = f"{prefix}-{number}-{count}"
            try:
                done = transfer.transfer(
                    source=places[way], target=places[1 - way], wanted=[Wanted(unit, dice.randint(1, 9))],
                    reference=reference, signatures=signatures[way], at=at,
                )  # fmt: skip
            except Error:
                return  # the database is gone; whoever killed it looks at what is left
            os.write(1, f"{reference} {done.pk}\n".encode())

    connection.close()
    threads = [Thread(target=work, args=[number], daemon=True) for number in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


if __name__ == "__main__":
    words = sys.argv[1:]
    main(*(int(word) for word in words[:3]), [int(word) for word in words[3:7]], words[7])
