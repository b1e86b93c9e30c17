from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0001_methodologies_and_their_proposals")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE library_proposal_number OWNED BY library_proposal.number",
            "DROP SEQUENCE library_proposal_number",
        )
    ]
