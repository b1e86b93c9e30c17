"""Three agreements on one parcel confirmed at the same moment: one stands."""

import threading

import pytest
from django.db import connection
from tests.projects import pooling
from tests.projects.sharing import NOON

from tanhui.identity.models import Instruction
from tanhui.projects.acts import agreement as acts
from tanhui.projects.models import AgreementParcel


@pytest.mark.django_db(transaction=True)
def test_two_agreements_on_one_parcel_at_once_leave_one():
    case = pooling.Case()
    waiting = [case.propose(reference=f"x-{n}", parcels=(str(case.parcels[0].pk),)).pk for n in range(3)]
    gate, told = threading.Barrier(3, timeout=30), []

    def sign(key):
        try:
            asked = Instruction.objects.select_related("organisation", "initiator").get(pk=key)
            gate.wait()
            acts.confirm(asked=asked, mandate=case.city.confirmer, at=NOON)
            told.append("done")
        except acts.ParcelUnderAgreement:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=[key]) for key in waiting]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["done", "refused", "refused"]
    assert AgreementParcel.objects.count() == 1
