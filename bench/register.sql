-- A full register in bulk; _register.py gives the facts. Rows of one project n carry ids computed from n, above whatever the
-- acts made, so that every step is one INSERT.

INSERT INTO registry_project (number, name, kind, owner_id, scheme, province, region, methodology, methodology_version,
                              rule_pack, crediting, validator_id, state, registered_at)
SELECT 100000 + n, (%(counties)s::text[])[1 + n %% 10] || '第' || n || '号' || (%(kinds)s::text[])[1 + n / 10 %% 8] || '项目',
       (%(kinds)s::text[])[1 + n / 10 %% 8], (%(owners)s::bigint[])[1 + n %% cardinality(%(owners)s::bigint[])],
       'BENCH', (ARRAY['15', '31', '33', '34', '51'])[1 + n %% 5], (%(counties)s::text[])[1 + n %% 10],
       'AR-CM-001-V01', 'V01', 'demo-local', '[2020-01-01,2040-01-01)', %(validator)s, 'REGISTERED',
       %(now)s::timestamptz - make_interval(mins => n)
FROM generate_series(1, %(projects)s) AS n;

CREATE TEMP TABLE made AS
SELECT number - 100000 AS n, id AS project, owner_id AS owner FROM registry_project WHERE scheme = 'BENCH' AND number > 100000;

INSERT INTO registry_period (project_id, span, verified_kg, verifier_id, report_sha256, inputs_sha256, trace_sha256,
                             demonstration, verified_at, recorded_by_id)
SELECT project, '[2022-01-01,2025-01-01)', 20000, %(verifier)s, %(digest)s, %(digest)s, %(digest)s, true, %(now)s, %(person)s
FROM made;

INSERT INTO ledger_asset (id, code, unit, serialised)
SELECT %(base)s + n, 'BENCH-' || (ARRAY['15', '31', '33', '34', '51'])[1 + n %% 5] || '-' || n, 't', true FROM made;

INSERT INTO ledger_movement (id, reference, kind, at)
OVERRIDING SYSTEM VALUE SELECT %(base)s + n, 'bench-issue-' || n, 'registry.issued', %(now)s FROM made;

INSERT INTO registry_issuance (id, reference, body_sha256, initiator_id, confirmer_id, at, entry, period_id, movement_id,
                               quantity_t, buffer_t)
OVERRIDING SYSTEM VALUE
SELECT %(base)s + n, 'bench-issue-' || n, %(digest)s, %(person)s, %(second)s, %(now)s, 1, p.id, %(base)s + n, 20, 0
FROM made JOIN registry_period p ON p.project_id = made.project;

INSERT INTO registry_batch (asset_id, issuance_id, project_id, number, vintage, span, serials, quantity_t, issued_at)
SELECT %(base)s + n, %(base)s + n, project, 1, 2022 + n %% 3, '[2022-01-01,2025-01-01)',
       int8range(%(base)s + 20 * n::bigint, %(base)s + 20 * n::bigint + 20), 20, %(now)s FROM made;

CREATE TEMP TABLE places AS
SELECT a.organisation_id AS owner, s.id AS place, s.ledger_account_id AS account
FROM registry_subaccount s JOIN registry_account a ON a.id = s.account_id WHERE s.purpose = 'ISSUED';

INSERT INTO ledger_holding (account_id, asset_id, quantity, encumbered, version)
SELECT account, %(base)s + n, 10, 0, 11 FROM made JOIN places USING (owner);

INSERT INTO ledger_posting (movement_id, line, account_id, asset_id, quantity, serials, balance, at)
SELECT %(base)s + n, line, CASE line WHEN 1 THEN %(issued)s ELSE account END, %(base)s + n,
       CASE line WHEN 1 THEN -20 ELSE 20 END, int8range(%(base)s + 20 * n::bigint, %(base)s + 20 * n::bigint + 20),
       CASE line WHEN 1 THEN NULL ELSE 20 END, %(now)s
FROM made JOIN places USING (owner), generate_series(1, 2) AS line;

INSERT INTO ledger_block (first, serials, asset_id, account_id, free, locks)
SELECT %(base)s + 20 * n::bigint, int8range(%(base)s + 20 * n::bigint, %(base)s + 20 * n::bigint + 10), %(base)s + n, account,
       true, '{}' FROM made JOIN places USING (owner);

INSERT INTO ledger_movement (id, reference, kind, at)
OVERRIDING SYSTEM VALUE
SELECT %(base)s * 2 + 10 * n::bigint + k, 'bench-retire-' || n || '-' || k, 'registry.retired',
       %(now)s::timestamptz - make_interval(mins => 10 * n + k)
FROM made, generate_series(0, 9) AS k;

INSERT INTO ledger_posting (movement_id, line, account_id, asset_id, quantity, serials, balance, at)
SELECT %(base)s * 2 + 10 * n::bigint + k, line, CASE line WHEN 1 THEN account ELSE %(retired)s END, %(base)s + n,
       CASE line WHEN 1 THEN -1 ELSE 1 END,
       int8range(%(base)s + 20 * n::bigint + 10 + k, %(base)s + 20 * n::bigint + 11 + k),
       CASE line WHEN 1 THEN 19 - k ELSE NULL END, %(now)s::timestamptz - make_interval(mins => 10 * n + k)
FROM made JOIN places USING (owner), generate_series(0, 9) AS k, generate_series(1, 2) AS line;

INSERT INTO ledger_block (first, serials, asset_id, account_id, free, locks)
SELECT %(base)s + 20 * n::bigint + 10 + k, int8range(%(base)s + 20 * n::bigint + 10 + k, %(base)s + 20 * n::bigint + 11 + k),
       %(base)s + n, %(retired)s, true, '{}' FROM made, generate_series(0, 9) AS k;

INSERT INTO registry_retirement (id, reference, body_sha256, initiator_id, confirmer_id, at, entry, certificate, movement_id,
                                 source_id, purpose, quantity_t, beneficiary_kind, beneficiary_name, beneficiary_code,
                                 statement)
OVERRIDING SYSTEM VALUE
SELECT %(base)s + 10 * n::bigint + k, 'bench-retire-' || n || '-' || k, %(digest)s, %(person)s, %(second)s,
       %(now)s::timestamptz - make_interval(mins => 10 * n + k), 1, 'EV2025' || lpad((10 * n + k)::text, 8, '0') || '0',
       %(base)s * 2 + 10 * n::bigint + k, place, (ARRAY['EVENT', 'ORG', 'PUBLIC', 'TREE'])[1 + (n + k) %% 4], 1, 'ORGANISATION',
       (%(counties)s::text[])[1 + n %% 10] || '第' || (n * 7 + k) %% 5000 || '小学', '', ''
FROM made JOIN places USING (owner), generate_series(0, 9) AS k;
