-- Claims of a large day lie in a partition of their own: it is filled before it has an index, so a city's night costs one
-- sort instead of millions of searches. The key holds the day, so a behaviour is claimed once across all partitions.
-- docs/algorithms/points.md says why, and what reading costs.

ALTER TABLE inclusion_claim RENAME TO inclusion_claim_few;
ALTER TABLE inclusion_claim_few RENAME CONSTRAINT inclusion_claim_pkey TO inclusion_claim_few_pkey;
CREATE TABLE inclusion_claim ( -- the wide columns first: eight bytes a row are not spent on filling up
    account_id bigint NOT NULL,
    scenario_id bigint NOT NULL,
    day date NOT NULL,
    grams integer NOT NULL,
    points integer NOT NULL,
    grant_id integer NOT NULL,
    CONSTRAINT a_claim_is_never_negative CHECK (grams >= 0 AND points >= 0),
    CONSTRAINT inclusion_claim_pkey PRIMARY KEY (account_id, day, scenario_id)
) PARTITION BY RANGE (day);
ALTER TABLE inclusion_claim ATTACH PARTITION inclusion_claim_few DEFAULT;

-- The trigger of the table before, on the table of all and on every partition.
CREATE FUNCTION inclusion_claims_stay(p_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER pgtrigger_claims_are_permanent_8d8f4 BEFORE UPDATE OR DELETE OR TRUNCATE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION pgtrigger_claims_are_permanent_8d8f4()', p_table);
    EXECUTE format(
        'COMMENT ON TRIGGER pgtrigger_claims_are_permanent_8d8f4 ON %s IS %L', p_table,
        '277a6219248a23484b79f3647db4780be3ef376e');
END $$;
SELECT inclusion_claims_stay('inclusion_claim');

-- A table for the claims of a day that has none yet; null where they belong into a table that is there. Who asks may
-- fill it, once and before it belongs to the others.
CREATE FUNCTION inclusion_claims_open(p_day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    made text := 'inclusion_claim_' || to_char(p_day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(727203, 1);
    IF to_regclass(made) IS NOT NULL OR to_regclass('inclusion_claim_' || to_char(p_day, 'YYYYMM')) IS NOT NULL
       OR EXISTS (SELECT FROM inclusion_grant WHERE day = p_day AND rows > 0) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE inclusion_claim)', made);
    EXECUTE format('GRANT INSERT ON %I TO %I', made, session_user);
    RETURN made;
END $$;

-- What was filled gets its key and its checks, and belongs to the others; nobody fills it by its own name any more.
CREATE FUNCTION inclusion_claims_close(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET maintenance_work_mem = '128MB'
SET max_parallel_maintenance_workers = 0 AS $$ -- rows that come sorted are not sorted faster by several
DECLARE
    made text := 'inclusion_claim_' || to_char(p_day, 'YYYYMMDD');
BEGIN
    EXECUTE format(
        'ALTER TABLE %I ADD PRIMARY KEY (account_id, day, scenario_id), ADD CHECK (day = %L::date), %s', made, p_day,
        (SELECT string_agg(format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), ', ')
           FROM pg_constraint WHERE conrelid = 'inclusion_claim'::regclass AND contype = 'c'));
    EXECUTE format(
        'ALTER TABLE inclusion_claim ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', made, p_day, p_day + 1);
    PERFORM inclusion_claims_stay(made::regclass);
    IF (SELECT relowner FROM pg_class WHERE oid = made::regclass) <> to_regrole(quote_ident(session_user)) THEN
        EXECUTE format('REVOKE ALL ON %I FROM %I', made, session_user);
    END IF;
END $$;

-- The days of a month that is over become one table, so that reading one account over years meets few; how many days.
-- A month of which some claims lie among the few stays as it is.
CREATE FUNCTION inclusion_claims_fold(p_month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET maintenance_work_mem = '128MB' AS $$
DECLARE
    made text := 'inclusion_claim_' || to_char(p_month, 'YYYYMM');
    first date := date_trunc('month', p_month)::date;
    next date := (date_trunc('month', p_month) + interval '1 month')::date;
    days regclass[];
    one regclass;
BEGIN
    PERFORM pg_advisory_xact_lock(727203, 1);
    SELECT array_agg(inhrelid::regclass ORDER BY inhrelid) INTO days FROM pg_inherits JOIN pg_class ON oid = inhrelid
     WHERE inhparent = 'inclusion_claim'::regclass AND relname ~ ('^' || made || '[0-9]{2}$');
    IF days IS NULL OR EXISTS (SELECT FROM inclusion_claim_few WHERE day >= first AND day < next) THEN
        RETURN 0;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE inclusion_claim INCLUDING CONSTRAINTS, CHECK (day >= %L::date AND day < %L::date))',
        made, first, next);
    EXECUTE format(
        'INSERT INTO %I SELECT * FROM inclusion_claim WHERE day >= %L AND day < %L'
        ' ORDER BY account_id, day, scenario_id', made, first, next);
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (account_id, day, scenario_id)', made);
    FOREACH one IN ARRAY days LOOP
        EXECUTE format('DROP TABLE %s', one);
    END LOOP;
    EXECUTE format(
        'ALTER TABLE inclusion_claim ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', made, first, next);
    PERFORM inclusion_claims_stay(made::regclass);
    RETURN cardinality(days);
END $$;

-- Points of an account's claims by the grants after one number up to another, by the day on which they run out. Where
-- the grants are few each is looked for in its own day's table; nothing is opened that cannot have any.
CREATE FUNCTION inclusion_fresh(p_account bigint, p_after integer, p_last integer, p_since date)
RETURNS TABLE (expires_on date, points bigint) LANGUAGE plpgsql STABLE AS $$
DECLARE
    one record;
BEGIN
    IF p_last - p_after > 62 THEN
        RETURN QUERY
            SELECT g.expires_on, sum(c.points)::bigint FROM inclusion_claim c JOIN inclusion_grant g ON g.id = c.grant_id
             WHERE c.account_id = p_account AND c.day >= p_since AND c.grant_id > p_after AND c.grant_id <= p_last
               AND c.points > 0 GROUP BY 1;
        RETURN;
    END IF;
    FOR one IN
        SELECT g.day, g.expires_on FROM inclusion_grant g
         WHERE g.id > p_after AND g.id <= p_last AND g.points > 0 GROUP BY 1, 2
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L::date, sum(points)::bigint FROM inclusion_claim WHERE day = %L AND account_id = $1'
            ' AND grant_id > $2 AND grant_id <= $3 AND points > 0 HAVING count(*) > 0', one.expires_on, one.day
        ) USING p_account, p_after, p_last;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION inclusion_gather(p_account bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held inclusion_gathered%ROWTYPE;
    given record;
BEGIN
    SELECT * INTO held FROM inclusion_gathered WHERE account_id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO inclusion_gathered (account_id, grant_id) VALUES (p_account, 0) ON CONFLICT DO NOTHING;
        SELECT * INTO held FROM inclusion_gathered WHERE account_id = p_account FOR UPDATE;
    END IF;
    SELECT max(id) AS last, max(day) - inclusion_reach() AS since INTO given FROM inclusion_grant;
    IF given.last IS NULL OR given.last = held.grant_id THEN
        RETURN;
    END IF;
    INSERT INTO inclusion_purse (account_id, expires_on, granted, used)
    SELECT p_account, f.expires_on, sum(f.points), 0
      FROM inclusion_fresh(p_account, held.grant_id, given.last, coalesce(held.since, '-infinity')) f GROUP BY 2
    ON CONFLICT (account_id, expires_on) DO UPDATE SET granted = inclusion_purse.granted + excluded.granted;
    UPDATE inclusion_gathered SET grant_id = given.last, since = given.since WHERE account_id = p_account;
END $$;

CREATE OR REPLACE FUNCTION inclusion_points(p_account bigint, p_on date)
RETURNS TABLE (expires_on date, points bigint) LANGUAGE sql STABLE AS $$
    WITH held AS (
        SELECT coalesce(max(grant_id), 0) AS grant_id, coalesce(max(since), '-infinity') AS since
          FROM inclusion_gathered WHERE account_id = p_account
    ), given AS (
        SELECT coalesce(max(id), 0) AS last FROM inclusion_grant
    ), every AS (
        SELECT p.expires_on, p.granted - p.used AS points FROM inclusion_purse p
         WHERE p.account_id = p_account AND p.expires_on > p_on
        UNION ALL
        SELECT f.expires_on, f.points
          FROM held, given, inclusion_fresh(p_account, held.grant_id, given.last, held.since) f
         WHERE f.expires_on > p_on
    )
    SELECT every.expires_on, sum(every.points)::bigint FROM every GROUP BY 1 HAVING sum(every.points) > 0 ORDER BY 1
$$;
