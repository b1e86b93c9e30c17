-- Points: gathering claims into purses and moving them. docs/algorithms/points.md says why it is done so.
--
-- Grants become visible in the order of their numbers, because one is made at a time. So a number says up to where an
-- account's claims were gathered, and a claim of a later grant is never older than INCLUSION_REACH days before the
-- youngest day granted then: what is left to gather is found by the key of the claims, whatever the history.

CREATE FUNCTION inclusion_reach() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 400 $$;

-- A grant is the next one, and does not reach back further than its readers look.
CREATE FUNCTION inclusion_grant_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last integer;
    youngest date;
BEGIN
    PERFORM pg_advisory_xact_lock(727203, 1);
    SELECT coalesce(max(id), 0) INTO last FROM inclusion_grant;
    SELECT max(day) INTO youngest FROM inclusion_grant;
    IF NEW.id <> last + 1 THEN
        RAISE EXCEPTION 'grant % does not follow %', NEW.id, last USING ERRCODE = 'TH302';
    END IF;
    IF NEW.day < youngest - inclusion_reach() THEN
        RAISE EXCEPTION USING ERRCODE = 'TH303', MESSAGE = 'the grant is too late',
            DETAIL = jsonb_build_object('day', NEW.day, 'first', youngest - inclusion_reach())::text;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grants_follow_one_another BEFORE INSERT ON inclusion_grant
    FOR EACH ROW EXECUTE FUNCTION inclusion_grant_follows();

-- Put the claims that came since into the purses; the account's points are the caller's until its transaction ends.
CREATE FUNCTION inclusion_gather(p_account bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held inclusion_gathered%ROWTYPE;
BEGIN
    SELECT * INTO held FROM inclusion_gathered WHERE account_id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO inclusion_gathered (account_id, grant_id) VALUES (p_account, 0) ON CONFLICT DO NOTHING;
        SELECT * INTO held FROM inclusion_gathered WHERE account_id = p_account FOR UPDATE;
    END IF;
    WITH given AS (
        SELECT max(id) AS last, max(day) - inclusion_reach() AS since FROM inclusion_grant
    ), fresh AS (
        SELECT g.expires_on, sum(c.points) AS points
          FROM inclusion_claim c JOIN inclusion_grant g ON g.id = c.grant_id
         WHERE c.account_id = p_account AND c.day >= coalesce(held.since, '-infinity') AND c.grant_id > held.grant_id
           AND c.points > 0
         GROUP BY 1
    ), put AS (
        INSERT INTO inclusion_purse (account_id, expires_on, granted, used)
        SELECT p_account, expires_on, points, 0 FROM fresh
        ON CONFLICT (account_id, expires_on) DO UPDATE SET granted = inclusion_purse.granted + excluded.granted
    )
    UPDATE inclusion_gathered SET grant_id = given.last, since = given.since
      FROM given WHERE account_id = p_account AND given.last IS NOT NULL AND given.last <> held.grant_id;
END $$;

-- What an account has on a day, by the day on which it runs out; what is not gathered yet is in it.
CREATE FUNCTION inclusion_points(p_account bigint, p_on date) RETURNS TABLE (expires_on date, points bigint)
LANGUAGE sql STABLE AS $$
    WITH held AS (
        SELECT coalesce(max(grant_id), 0) AS grant_id, coalesce(max(since), '-infinity') AS since
          FROM inclusion_gathered WHERE account_id = p_account
    ), every AS (
        SELECT p.expires_on, p.granted - p.used AS points FROM inclusion_purse p
         WHERE p.account_id = p_account AND p.expires_on > p_on
        UNION ALL
        SELECT g.expires_on, sum(c.points)
          FROM held, inclusion_claim c JOIN inclusion_grant g ON g.id = c.grant_id
         WHERE c.account_id = p_account AND c.day >= held.since AND c.grant_id > held.grant_id
           AND c.points > 0 AND g.expires_on > p_on
         GROUP BY 1
    )
    SELECT every.expires_on, sum(every.points)::bigint FROM every GROUP BY 1 HAVING sum(every.points) > 0 ORDER BY 1
$$;

-- Take points, those that run out first. ``p_whole``: all of them or none; otherwise as many as there are.
CREATE FUNCTION inclusion_take(
    p_account bigint, p_kind text, p_points bigint, p_whole boolean, p_on date, p_reference text, p_facts jsonb,
    p_by bigint, p_at timestamptz
) RETURNS TABLE (entry bigint, taken bigint, left_over bigint) LANGUAGE plpgsql AS $$
DECLARE
    one record;
    rest bigint := p_points;
    there bigint := 0;
    piece bigint;
    parts jsonb := '[]';
BEGIN
    PERFORM inclusion_gather(p_account);
    FOR one IN
        SELECT p.expires_on, p.granted - p.used AS points FROM inclusion_purse p
         WHERE p.account_id = p_account AND p.granted > p.used AND p.expires_on > p_on ORDER BY p.expires_on
    LOOP
        there := there + one.points;
        piece := least(rest, one.points);
        IF piece > 0 THEN
            UPDATE inclusion_purse p SET used = p.used + piece
             WHERE p.account_id = p_account AND p.expires_on = one.expires_on;
            parts := parts || jsonb_build_array(jsonb_build_array(one.expires_on, piece));
            rest := rest - piece;
        END IF;
    END LOOP;
    IF rest > 0 AND p_whole THEN
        RAISE EXCEPTION USING ERRCODE = 'TH301', MESSAGE = 'not enough points',
            DETAIL = jsonb_build_object('asked', p_points, 'available', there)::text;
    END IF;
    taken := p_points - rest;
    left_over := there - taken;
    INSERT INTO inclusion_entry (account_id, kind, points, balance, parts, facts, reference, by_id, at)
    VALUES (p_account, p_kind, -taken, left_over, parts, p_facts, p_reference, p_by, p_at) RETURNING id INTO entry;
    RETURN NEXT;
END $$;

-- Give points: back into the purses they came from (RETURNED), or new ones into one (ADDED). ``p_parts`` as in an entry.
CREATE FUNCTION inclusion_give(
    p_account bigint, p_kind text, p_parts jsonb, p_on date, p_reference text, p_facts jsonb, p_by bigint,
    p_at timestamptz
) RETURNS TABLE (entry bigint, given bigint, left_over bigint) LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    PERFORM inclusion_gather(p_account);
    given := 0;
    FOR one IN SELECT (part ->> 0)::date AS expires_on, (part ->> 1)::bigint AS points
                 FROM jsonb_array_elements(p_parts) AS part
    LOOP
        IF p_kind = 'RETURNED' THEN
            UPDATE inclusion_purse p SET used = p.used - one.points
             WHERE p.account_id = p_account AND p.expires_on = one.expires_on;
        ELSE
            INSERT INTO inclusion_purse (account_id, expires_on, granted, used)
            VALUES (p_account, one.expires_on, one.points, 0) ON CONFLICT (account_id, expires_on)
            DO UPDATE SET granted = inclusion_purse.granted + excluded.granted;
        END IF;
        given := given + one.points;
    END LOOP;
    SELECT coalesce(sum(p.granted - p.used), 0) INTO left_over FROM inclusion_purse p
     WHERE p.account_id = p_account AND p.expires_on > p_on;
    INSERT INTO inclusion_entry (account_id, kind, points, balance, parts, facts, reference, by_id, at)
    VALUES (p_account, p_kind, given, left_over, p_parts, p_facts, p_reference, p_by, p_at) RETURNING id INTO entry;
    RETURN NEXT;
END $$;
