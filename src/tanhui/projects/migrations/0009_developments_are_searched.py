"""Developments found by any part of their name or number, and listed by number under any filter.

``words`` and ``pieces`` are made by PostgreSQL itself from the row (docs/algorithms/search.md: every character and every
pair of neighbours, none across a blank), so that nobody can forget to renew them. No model names them; the list asks
for them in SQL.
"""

from django.db import migrations

WORDS = """
CREATE FUNCTION projects_words(name text, number integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        lower(normalize(name, NFKC)) || ' d' || lpad(number::text, 6, '0'), '[[:space:][:cntrl:]]+', ' ', 'g'))
$$;
CREATE FUNCTION projects_pieces(name text, number integer) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(word, at, size)), '{}')
    FROM regexp_split_to_table(projects_words(name, number), ' ') AS word,
        generate_series(1, 2) AS size, generate_series(1, length(word) - size + 1) AS at
$$;
ALTER TABLE projects_development
    ADD COLUMN words text GENERATED ALWAYS AS (projects_words(name, number)) STORED,
    ADD COLUMN pieces text[] GENERATED ALWAYS AS (projects_pieces(name, number)) STORED,
    ADD COLUMN kind text GENERATED ALWAYS AS (btrim(coalesce(draft ->> 'kind', ''))) STORED;
CREATE INDEX developments_by_pieces ON projects_development USING gin (pieces);
CREATE INDEX developments_by_scheme ON projects_development (scheme, number DESC);
CREATE INDEX developments_by_methodology ON projects_development (methodology, number DESC);
CREATE INDEX developments_by_kind ON projects_development (kind, number DESC);
CREATE INDEX developments_by_county ON projects_development (left(division_code, 6), number DESC);
CREATE INDEX developments_by_stage ON projects_development (state, number DESC);
"""

BACK = """
ALTER TABLE projects_development DROP COLUMN words, DROP COLUMN pieces, DROP COLUMN kind;
DROP INDEX developments_by_scheme, developments_by_methodology, developments_by_county, developments_by_stage;
DROP FUNCTION projects_pieces, projects_words;
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0004_a_pool_of_candidates")]

    operations = [migrations.RunSQL(WORDS, BACK)]
