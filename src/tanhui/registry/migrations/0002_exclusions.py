"""Two periods of one project never overlap, and a foreign serial comes in once.

The equality of the project (or series) is written as an overlap of one-point ranges: core GiST compares ranges, and no
extension is needed (ARCHITECTURE.md §6.6).
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE registry_period ADD CONSTRAINT periods_of_a_project_never_overlap"
            " EXCLUDE USING gist (int8range(project_id, project_id, '[]') WITH &&, span WITH &&)",
            "ALTER TABLE registry_period DROP CONSTRAINT periods_of_a_project_never_overlap",
        ),
        migrations.RunSQL(
            "ALTER TABLE registry_foreignimport ADD CONSTRAINT a_foreign_serial_comes_in_once"
            " EXCLUDE USING gist (int8range(series_id, series_id, '[]') WITH &&, foreign_serials WITH &&)",
            "ALTER TABLE registry_foreignimport DROP CONSTRAINT a_foreign_serial_comes_in_once",
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE registry_certificate_number",
            "DROP SEQUENCE registry_certificate_number",
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE registry_account_number",
            "DROP SEQUENCE registry_account_number",
        ),
    ]
