"""A decision repeats its instruction's initiator; the composite key keeps the copy honest."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE identity_decision ADD CONSTRAINT a_decision_names_the_initiator"
            " FOREIGN KEY (instruction_id, initiator_id) REFERENCES identity_instruction (id, initiator_id)",
            "ALTER TABLE identity_decision DROP CONSTRAINT a_decision_names_the_initiator",
        )
    ]
