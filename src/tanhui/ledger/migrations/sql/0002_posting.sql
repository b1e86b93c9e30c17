CREATE SEQUENCE ledger_identifier;

-- The posting primitive. Everything that changes a holding or a block goes through the functions below, each of which
-- locks holdings in (account, asset) order, checks, and writes, inside the caller's transaction. Planner switches are
-- set on the functions because a plan made while a table was small must not turn into a scan when it has grown.
--
-- Refusals leave as SQLSTATE TH0xx with the facts as JSON in DETAIL; ``ledger/acts/refusals.py`` gives them words.

CREATE FUNCTION ledger_refuse(p_state text, p_facts jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = p_state, MESSAGE = 'the ledger refuses', DETAIL = p_facts::text;
END $$;

CREATE FUNCTION ledger_code(p_account bigint) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT code FROM ledger_account WHERE id = p_account $$;

CREATE FUNCTION ledger_asset_code(p_asset bigint) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT code FROM ledger_asset WHERE id = p_asset $$;

CREATE FUNCTION ledger_size(p_serials int8range) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT upper(p_serials) - lower(p_serials) $$;

-- No two blocks overlap: a unit with two holders cannot be stored.
ALTER TABLE ledger_block ADD CONSTRAINT serials_never_overlap EXCLUDE USING gist (serials WITH &&);

-- Lock one holding, making it first when it is not there yet.
CREATE FUNCTION ledger_hold(p_account bigint, p_asset bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ledger_holding WHERE account_id = p_account AND asset_id = p_asset FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO ledger_holding (account_id, asset_id, quantity, encumbered, version)
        VALUES (p_account, p_asset, 0, 0, 0) ON CONFLICT (account_id, asset_id) DO NOTHING;
        PERFORM FROM ledger_holding WHERE account_id = p_account AND asset_id = p_asset FOR UPDATE;
    END IF;
END $$;

CREATE FUNCTION ledger_refuse_short(p_account bigint, p_asset bigint, p_asked bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    SELECT quantity, encumbered INTO held FROM ledger_holding WHERE account_id = p_account AND asset_id = p_asset;
    PERFORM ledger_refuse('TH001', jsonb_build_object(
        'account', ledger_code(p_account), 'asset', ledger_asset_code(p_asset), 'asked', p_asked,
        'held', coalesce(held.quantity, 0), 'available', coalesce(held.quantity - held.encumbered, 0)));
END $$;

-- The chosen serials are not all free in the account: say which of them, and why.
CREATE FUNCTION ledger_refuse_serials(p_account bigint, p_asset bigint, p_serials int8range) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    elsewhere int8multirange;
    locked int8multirange;
    reserved int8multirange;
BEGIN
    SELECT int8multirange(p_serials) - coalesce(range_agg(serials * p_serials), '{}'::int8multirange),
           coalesce(range_agg(serials * p_serials) FILTER (WHERE locks <> '{}'), '{}'::int8multirange),
           coalesce(range_agg(serials * p_serials) FILTER (WHERE reservation_id IS NOT NULL), '{}'::int8multirange)
      INTO elsewhere, locked, reserved
      FROM ledger_block
     WHERE serials && p_serials AND account_id = p_account AND asset_id = p_asset;
    PERFORM ledger_refuse(CASE WHEN NOT isempty(locked) THEN 'TH003' ELSE 'TH002' END, jsonb_build_object(
        'account', ledger_code(p_account), 'asset', ledger_asset_code(p_asset),
        'first', lower(p_serials), 'last', upper(p_serials) - 1,
        'elsewhere', elsewhere::text, 'locked', locked::text, 'reserved', reserved::text));
END $$;

-- Refuse unless an account has all of the chosen serials to give: free ones, or those of a reservation, or those under
-- no lock but ``p_locks``. Asked before anything moves, so that the refusal tells how things stood.
CREATE FUNCTION ledger_require(
    p_account bigint, p_asset bigint, p_serials int8range, p_reservation bigint, p_locks bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    there bigint;
BEGIN
    SELECT coalesce(sum(ledger_size(serials * p_serials)), 0) INTO there FROM ledger_block
     WHERE serials && p_serials AND account_id + 0 = p_account AND asset_id + 0 = p_asset
       AND reservation_id IS NOT DISTINCT FROM p_reservation AND locks <@ p_locks;
    IF there < ledger_size(p_serials) THEN
        PERFORM ledger_refuse_serials(p_account, p_asset, p_serials);
    END IF;
END $$;

-- Cut ``p_piece`` out of a block: what is left keeps its place, the piece gets a new one. ``first`` and ``free`` repeat
-- what ``serials``, ``reservation_id`` and ``locks`` say, so that the index by place is plain columns: an expression or a
-- partial index would be compiled anew for every statement, which measured half the cost of a move.
CREATE FUNCTION ledger_cut(
    p_serials int8range, p_piece int8range, p_asset bigint, p_account bigint, p_reservation bigint,
    p_locks bigint[], p_new_account bigint, p_new_reservation bigint, p_new_locks bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_piece = p_serials THEN
        UPDATE ledger_block
           SET account_id = p_new_account, reservation_id = p_new_reservation, locks = p_new_locks,
               free = p_new_reservation IS NULL AND p_new_locks = '{}'
         WHERE first = lower(p_serials);
        RETURN;
    END IF;
    IF lower(p_piece) = lower(p_serials) THEN
        UPDATE ledger_block SET first = upper(p_piece), serials = int8range(upper(p_piece), upper(p_serials))
         WHERE first = lower(p_serials);
    ELSE
        UPDATE ledger_block SET serials = int8range(lower(p_serials), lower(p_piece)) WHERE first = lower(p_serials);
        IF upper(p_piece) < upper(p_serials) THEN
            INSERT INTO ledger_block (first, serials, asset_id, account_id, free, reservation_id, locks)
            VALUES (upper(p_piece), int8range(upper(p_piece), upper(p_serials)), p_asset, p_account,
                    p_reservation IS NULL AND p_locks = '{}', p_reservation, p_locks);
        END IF;
    END IF;
    INSERT INTO ledger_block (first, serials, asset_id, account_id, free, reservation_id, locks)
    VALUES (lower(p_piece), p_piece, p_asset, p_new_account,
            p_new_reservation IS NULL AND p_new_locks = '{}', p_new_reservation, p_new_locks);
END $$;

-- The blocks a move may take from, oldest serial first.
CREATE FUNCTION ledger_candidates(
    p_cursor refcursor, p_account bigint, p_asset bigint, p_serials int8range, p_reservation bigint, p_locks bigint[]
) RETURNS refcursor LANGUAGE plpgsql AS $$
BEGIN
    IF p_reservation IS NOT NULL THEN
        OPEN p_cursor NO SCROLL FOR
            SELECT serials, reservation_id, locks FROM ledger_block
             WHERE reservation_id = p_reservation AND account_id + 0 = p_account AND asset_id + 0 = p_asset
               AND locks <@ p_locks AND (p_serials IS NULL OR serials && p_serials)
             ORDER BY first;
    ELSIF p_serials IS NOT NULL THEN
        OPEN p_cursor NO SCROLL FOR
            SELECT serials, reservation_id, locks FROM ledger_block
             WHERE serials && p_serials AND account_id + 0 = p_account AND asset_id + 0 = p_asset
               AND reservation_id IS NULL AND locks <@ p_locks
             ORDER BY first;
    ELSIF p_locks <> '{}' THEN
        OPEN p_cursor NO SCROLL FOR
            SELECT serials, reservation_id, locks FROM ledger_block
             WHERE account_id = p_account AND asset_id = p_asset AND reservation_id IS NULL AND locks <@ p_locks
             ORDER BY first;
    ELSE
        OPEN p_cursor NO SCROLL FOR
            SELECT serials, reservation_id, locks FROM ledger_block
             WHERE account_id = p_account AND asset_id = p_asset AND free
             ORDER BY first;
    END IF;
    RETURN p_cursor;
END $$;

-- Move N quantities, in order, as one movement. Units come from free blocks, or from ``p_reservation``, or from under
-- the locks in ``p_locks``. A null in ``p_serials`` means oldest first. A reservation is resolved by this call; what it
-- holds beyond what is moved goes free. Boundary accounts and plain assets have negative ids (two CHECKs say so), which
-- spares this function two look-ups. The commonest case, oldest first from free blocks, is written out in place of a
-- call to ``ledger_candidates``: measured, it is worth a third of the whole.
CREATE FUNCTION ledger_post(
    p_reference text, p_kind text, p_at timestamptz, p_source bigint[], p_target bigint[], p_asset bigint[],
    p_quantity bigint[], p_serials int8range[], p_reservation bigint DEFAULT NULL, p_locks bigint[] DEFAULT '{}'
) RETURNS TABLE (movement bigint, ordinal integer, serials int8range)
LANGUAGE plpgsql ROWS 1 SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    k record;
    b record;
    c refcursor;
    source bigint;
    target bigint;
    asset bigint;
    need bigint;
    size bigint;
    piece int8range;
    pieces int8range[];
    freed bigint;
    source_balance bigint;
    target_balance bigint;
    moved bigint := 0;
    line smallint := 0;
    movement_id bigint;
    reserved_from bigint;
BEGIN
    IF cardinality(p_source) = 1 AND p_reservation IS NULL THEN
        source := least(p_source[1], p_target[1]);
        target := greatest(p_source[1], p_target[1]);
        IF source > 0 THEN
            PERFORM FROM ledger_holding WHERE account_id = source AND asset_id = p_asset[1] FOR UPDATE;
            IF NOT FOUND THEN
                PERFORM ledger_hold(source, p_asset[1]);
            END IF;
        END IF;
        IF target > 0 THEN
            PERFORM FROM ledger_holding WHERE account_id = target AND asset_id = p_asset[1] FOR UPDATE;
            IF NOT FOUND THEN
                PERFORM ledger_hold(target, p_asset[1]);
            END IF;
        END IF;
    ELSE
        FOR k IN
            SELECT DISTINCT account, asset FROM (
                SELECT unnest(p_source) AS account, unnest(p_asset) AS asset
                UNION ALL SELECT unnest(p_target), unnest(p_asset)
                UNION ALL SELECT v.account_id, l.asset_id
                  FROM ledger_reservation AS v JOIN ledger_reservationline AS l ON l.reservation_id = v.id
                 WHERE v.id = p_reservation
            ) AS keys WHERE account > 0 ORDER BY account, asset
        LOOP
            PERFORM FROM ledger_holding WHERE account_id = k.account AND asset_id = k.asset FOR UPDATE;
            IF NOT FOUND THEN
                PERFORM ledger_hold(k.account, k.asset);
            END IF;
        END LOOP;
    END IF;

    -- Numbered under the locks, so that of two movements of one holding the later has the higher number: the audit, the
    -- statements and a unit's history read them in that order.
    INSERT INTO ledger_movement (reference, kind, at) VALUES (p_reference, p_kind, p_at) RETURNING id INTO movement_id;
    IF p_reservation IS NOT NULL THEN
        PERFORM ledger_close(p_reservation, 'POSTED', p_at, movement_id);
        SELECT account_id INTO reserved_from FROM ledger_reservation WHERE id = p_reservation;
    END IF;

    FOR n IN 1 .. cardinality(p_source) LOOP
        source := p_source[n];
        target := p_target[n];
        asset := p_asset[n];
        need := p_quantity[n];
        pieces := '{}';
        freed := 0;
        IF source <> reserved_from THEN
            PERFORM ledger_refuse_short(source, asset, need);
        END IF;
        IF source < 0 THEN
            IF asset > 0 THEN
                INSERT INTO ledger_block (first, serials, asset_id, account_id, free, reservation_id, locks)
                VALUES (lower(p_serials[n]), p_serials[n], asset, target, true, NULL, '{}');
            END IF;
            pieces := ARRAY[p_serials[n]];
        ELSIF asset < 0 THEN
            pieces := ARRAY[NULL::int8range];
            freed := CASE WHEN p_reservation IS NULL THEN 0 ELSE need END;
        ELSIF p_reservation IS NULL AND p_serials[n] IS NULL AND p_locks = '{}' THEN
            FOR b IN
                SELECT first, serials FROM ledger_block WHERE account_id = source AND asset_id = asset AND free
                 ORDER BY first
            LOOP
                size := upper(b.serials) - lower(b.serials);
                IF size > need THEN
                    piece := int8range(lower(b.serials), lower(b.serials) + need);
                    UPDATE ledger_block SET first = b.first + need, serials = int8range(b.first + need, upper(b.serials))
                     WHERE first = b.first;
                    INSERT INTO ledger_block (first, serials, asset_id, account_id, free, reservation_id, locks)
                    VALUES (b.first, piece, asset, target, true, NULL, '{}');
                    pieces := pieces || piece;
                    need := 0;
                ELSE
                    UPDATE ledger_block SET account_id = target WHERE first = b.first;
                    pieces := pieces || b.serials;
                    need := need - size;
                END IF;
                EXIT WHEN need = 0;
            END LOOP;
        ELSE
            IF p_serials[n] IS NOT NULL THEN
                PERFORM ledger_require(source, asset, p_serials[n], p_reservation, p_locks);
            END IF;
            c := ledger_candidates(NULL, source, asset, p_serials[n], p_reservation, p_locks);
            LOOP
                FETCH c INTO b;
                EXIT WHEN NOT FOUND;
                piece := b.serials * coalesce(p_serials[n], b.serials);
                IF upper(piece) - lower(piece) > need THEN
                    piece := int8range(lower(piece), lower(piece) + need);
                END IF;
                PERFORM ledger_cut(b.serials, piece, asset, source, b.reservation_id, b.locks, target, NULL, '{}');
                pieces := pieces || piece;
                need := need - (upper(piece) - lower(piece));
                IF b.reservation_id IS NOT NULL OR b.locks <> '{}' THEN
                    freed := freed + (upper(piece) - lower(piece));
                END IF;
                EXIT WHEN need = 0;
            END LOOP;
            CLOSE c;
        END IF;
        IF need > 0 AND source > 0 AND asset > 0 THEN
            PERFORM ledger_refuse_short(source, asset, p_quantity[n]);
        END IF;

        source_balance := NULL;
        target_balance := NULL;
        IF source > 0 THEN
            UPDATE ledger_holding
               SET quantity = quantity - p_quantity[n], encumbered = encumbered - freed, version = version + 1
             WHERE account_id = source AND asset_id = asset
               AND quantity - p_quantity[n] >= encumbered - freed AND encumbered >= freed
            RETURNING quantity INTO source_balance;
            IF NOT FOUND THEN
                PERFORM ledger_refuse_short(source, asset, p_quantity[n]);
            END IF;
        END IF;
        IF target > 0 THEN
            UPDATE ledger_holding SET quantity = quantity + p_quantity[n], version = version + 1
             WHERE account_id = target AND asset_id = asset
            RETURNING quantity INTO target_balance;
        END IF;
        moved := moved + p_quantity[n];
        FOREACH piece IN ARRAY pieces LOOP
            size := coalesce(upper(piece) - lower(piece), p_quantity[n]);
            INSERT INTO ledger_posting (movement_id, line, account_id, asset_id, quantity, serials, balance, at)
            VALUES (movement_id, line, source, asset, -size, piece, source_balance, p_at),
                   (movement_id, line + 1, target, asset, size, piece, target_balance, p_at);
            line := line + 2;
            movement := movement_id;
            ordinal := n;
            serials := piece;
            RETURN NEXT;
        END LOOP;
    END LOOP;

    IF p_reservation IS NOT NULL THEN
        PERFORM ledger_free(p_reservation, p_asset, p_quantity);
    END IF;
END $$;

-- Set units aside. One reservation may cover several assets of one account.
CREATE FUNCTION ledger_reserve(
    p_reference text, p_account bigint, p_at timestamptz, p_expires_at timestamptz, p_asset bigint[],
    p_quantity bigint[], p_serials int8range[]
) RETURNS TABLE (reservation bigint, ordinal integer, serials int8range)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    a bigint;
    b record;
    c refcursor;
    need bigint;
    piece int8range;
    reservation_id bigint;
BEGIN
    INSERT INTO ledger_reservation (reference, account_id, at, expires_at)
    VALUES (p_reference, p_account, p_at, p_expires_at) RETURNING id INTO reservation_id;
    INSERT INTO ledger_openreservation (reservation_id, expires_at) VALUES (reservation_id, p_expires_at);
    FOR a IN SELECT DISTINCT unnest(p_asset) ORDER BY 1 LOOP
        PERFORM ledger_hold(p_account, a);
    END LOOP;
    FOR n IN 1 .. cardinality(p_asset) LOOP
        UPDATE ledger_holding SET encumbered = encumbered + p_quantity[n], version = version + 1
         WHERE account_id = p_account AND asset_id = p_asset[n] AND quantity - encumbered >= p_quantity[n];
        IF NOT FOUND THEN
            IF p_serials[n] IS NULL THEN
                PERFORM ledger_refuse_short(p_account, p_asset[n], p_quantity[n]);
            END IF;
            PERFORM ledger_refuse_serials(p_account, p_asset[n], p_serials[n]);
        END IF;
        IF p_asset[n] < 0 THEN
            INSERT INTO ledger_reservationline (reservation_id, asset_id, quantity, serials)
            VALUES (reservation_id, p_asset[n], p_quantity[n], NULL);
            RETURN QUERY SELECT reservation_id, n, NULL::int8range;
            CONTINUE;
        END IF;
        IF p_serials[n] IS NOT NULL THEN
            PERFORM ledger_require(p_account, p_asset[n], p_serials[n], NULL, '{}');
        END IF;
        need := p_quantity[n];
        c := ledger_candidates(NULL, p_account, p_asset[n], p_serials[n], NULL, '{}');
        LOOP
            FETCH c INTO b;
            EXIT WHEN NOT FOUND;
            piece := b.serials * coalesce(p_serials[n], b.serials);
            IF upper(piece) - lower(piece) > need THEN
                piece := int8range(lower(piece), lower(piece) + need);
            END IF;
            PERFORM ledger_cut(b.serials, piece, p_asset[n], p_account, NULL, '{}',
                               p_account, reservation_id, '{}');
            INSERT INTO ledger_reservationline (reservation_id, asset_id, quantity, serials)
            VALUES (reservation_id, p_asset[n], upper(piece) - lower(piece), piece);
            need := need - (upper(piece) - lower(piece));
            RETURN QUERY SELECT reservation_id, n, piece;
            EXIT WHEN need = 0;
        END LOOP;
        CLOSE c;
        IF need > 0 THEN
            PERFORM ledger_refuse_short(p_account, p_asset[n], p_quantity[n]);
        END IF;
    END LOOP;
END $$;

-- Write a reservation's one ending; the second attempt is refused with the first one's outcome.
CREATE FUNCTION ledger_close(p_reservation bigint, p_kind text, p_at timestamptz, p_movement bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    earlier record;
BEGIN
    INSERT INTO ledger_resolution (reservation_id, kind, movement_id, at)
    VALUES (p_reservation, p_kind, p_movement, p_at) ON CONFLICT (reservation_id) DO NOTHING;
    IF FOUND THEN
        SELECT expires_at INTO earlier FROM ledger_reservation WHERE id = p_reservation;
        IF p_kind = 'POSTED' AND earlier.expires_at <= p_at THEN
            PERFORM ledger_refuse('TH004', jsonb_build_object(
                'reservation', (SELECT reference FROM ledger_reservation WHERE id = p_reservation),
                'outcome', 'EXPIRED', 'at', earlier.expires_at));
        END IF;
        DELETE FROM ledger_openreservation WHERE reservation_id = p_reservation;
        RETURN;
    END IF;
    SELECT kind, at INTO earlier FROM ledger_resolution WHERE reservation_id = p_reservation;
    PERFORM ledger_refuse('TH004', jsonb_build_object(
        'reservation', (SELECT reference FROM ledger_reservation WHERE id = p_reservation),
        'outcome', earlier.kind, 'at', earlier.at));
END $$;

-- Give back what a resolved reservation still holds. The caller has locked its holdings.
CREATE FUNCTION ledger_free(
    p_reservation bigint, p_asset bigint[], p_quantity bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
    freed bigint;
BEGIN
    FOR r IN
        SELECT v.account_id, m.asset, m.quantity FROM ledger_reservation AS v, unnest(p_asset, p_quantity) AS m (asset, quantity)
         WHERE v.id = p_reservation AND m.asset NOT IN
               (SELECT asset_id FROM ledger_reservationline WHERE reservation_id = p_reservation)
    LOOP
        PERFORM ledger_refuse_short(r.account_id, r.asset, r.quantity);
    END LOOP;
    FOR r IN
        SELECT l.asset_id, v.account_id, sum(l.quantity) AS reserved,
               (SELECT coalesce(sum(q), 0) FROM unnest(p_asset, p_quantity) AS m (asset, q)
                 WHERE m.asset = l.asset_id) AS moved
          FROM ledger_reservationline AS l JOIN ledger_reservation AS v ON v.id = l.reservation_id
         WHERE l.reservation_id = p_reservation GROUP BY l.asset_id, v.account_id ORDER BY l.asset_id
    LOOP
        IF r.asset_id < 0 THEN
            IF r.moved > r.reserved THEN
                PERFORM ledger_refuse_short(r.account_id, r.asset_id, r.moved);
            END IF;
            freed := r.reserved - r.moved;
        ELSE
            SELECT coalesce(sum(ledger_size(serials)), 0) INTO freed FROM ledger_block
             WHERE reservation_id = p_reservation AND asset_id + 0 = r.asset_id AND locks = '{}';
        END IF;
        IF freed > 0 THEN
            UPDATE ledger_holding SET encumbered = encumbered - freed, version = version + 1
             WHERE account_id = r.account_id AND asset_id = r.asset_id;
        END IF;
    END LOOP;
    UPDATE ledger_block SET reservation_id = NULL, free = (locks = '{}') WHERE reservation_id = p_reservation;
END $$;

-- End a reservation without moving anything.
CREATE FUNCTION ledger_release(p_reservation bigint, p_kind text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    a record;
BEGIN
    FOR a IN
        SELECT DISTINCT v.account_id, l.asset_id
          FROM ledger_reservationline AS l JOIN ledger_reservation AS v ON v.id = l.reservation_id
         WHERE l.reservation_id = p_reservation ORDER BY 1, 2
    LOOP
        PERFORM ledger_hold(a.account_id, a.asset_id);
    END LOOP;
    PERFORM ledger_close(p_reservation, p_kind, p_at, NULL);
    PERFORM ledger_free(p_reservation, '{}', '{}');
END $$;

-- Put a restriction on exactly these units, whatever else already restricts them.
CREATE FUNCTION ledger_lock(
    p_reference text, p_rank smallint, p_at timestamptz, p_account bigint[], p_asset bigint[], p_serials int8range[]
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    lock_id bigint;
    k record;
    b record;
    piece int8range;
    covered bigint;
    taken bigint;
BEGIN
    INSERT INTO ledger_lock (reference, rank, at) VALUES (p_reference, p_rank, p_at) RETURNING id INTO lock_id;
    FOR k IN
        SELECT DISTINCT account, asset FROM unnest(p_account, p_asset) AS keys (account, asset) ORDER BY 1, 2
    LOOP
        PERFORM ledger_hold(k.account, k.asset);
    END LOOP;
    FOR n IN 1 .. cardinality(p_account) LOOP
        SELECT coalesce(sum(ledger_size(serials * p_serials[n])), 0) INTO covered FROM ledger_block
         WHERE serials && p_serials[n] AND account_id + 0 = p_account[n] AND asset_id + 0 = p_asset[n];
        IF covered < ledger_size(p_serials[n]) THEN
            PERFORM ledger_refuse_serials(p_account[n], p_asset[n], p_serials[n]);
        END IF;
        taken := 0;
        FOR b IN
            SELECT serials, reservation_id, locks FROM ledger_block
             WHERE serials && p_serials[n] AND account_id + 0 = p_account[n] AND asset_id + 0 = p_asset[n]
               AND lock_id <> ALL (locks)
             ORDER BY first
        LOOP
            piece := b.serials * p_serials[n];
            PERFORM ledger_cut(b.serials, piece, p_asset[n], p_account[n], b.reservation_id, b.locks,
                               p_account[n], b.reservation_id, b.locks || lock_id);
            IF b.reservation_id IS NULL AND b.locks = '{}' THEN
                taken := taken + ledger_size(piece);
            END IF;
        END LOOP;
        UPDATE ledger_holding SET encumbered = encumbered + taken, version = version + 1
         WHERE account_id = p_account[n] AND asset_id = p_asset[n];
        INSERT INTO ledger_lockline (lock_id, account_id, asset_id, serials)
        VALUES (lock_id, p_account[n], p_asset[n], p_serials[n]);
    END LOOP;
    RETURN lock_id;
END $$;

-- Lift a lock. While a higher one stands on any of its units, it waits (rules U-08).
CREATE FUNCTION ledger_lift(p_lock bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    k record;
    above record;
    freed bigint;
BEGIN
    FOR k IN SELECT DISTINCT account_id, asset_id FROM ledger_lockline WHERE lock_id = p_lock ORDER BY 1, 2 LOOP
        PERFORM ledger_hold(k.account_id, k.asset_id);
    END LOOP;
    SELECT higher.reference, higher.rank INTO above
      FROM ledger_lockline AS line
      JOIN ledger_block AS b ON b.serials && line.serials AND p_lock = ANY (b.locks)
      JOIN ledger_lock AS higher ON higher.id = ANY (b.locks)
     WHERE line.lock_id = p_lock AND higher.rank < (SELECT rank FROM ledger_lock WHERE id = p_lock)
     ORDER BY higher.rank LIMIT 1;
    IF FOUND THEN
        PERFORM ledger_refuse('TH005', jsonb_build_object(
            'lock', (SELECT reference FROM ledger_lock WHERE id = p_lock), 'above', above.reference));
    END IF;
    INSERT INTO ledger_lift (lock_id, at) VALUES (p_lock, p_at) ON CONFLICT (lock_id) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('TH006', jsonb_build_object(
            'lock', (SELECT reference FROM ledger_lock WHERE id = p_lock)));
    END IF;
    FOR k IN SELECT account_id, asset_id, serials FROM ledger_lockline WHERE lock_id = p_lock LOOP
        SELECT coalesce(sum(ledger_size(serials)), 0) INTO freed FROM ledger_block
         WHERE serials && k.serials AND account_id + 0 = k.account_id AND asset_id + 0 = k.asset_id
           AND locks = ARRAY[p_lock] AND reservation_id IS NULL;
        UPDATE ledger_holding SET encumbered = encumbered - freed, version = version + 1
         WHERE account_id = k.account_id AND asset_id = k.asset_id;
        UPDATE ledger_block
           SET locks = array_remove(locks, p_lock), free = reservation_id IS NULL AND array_remove(locks, p_lock) = '{}'
         WHERE serials && k.serials AND p_lock = ANY (locks);
    END LOOP;
END $$;

-- Take a contiguous range of never-used serial numbers.
CREATE FUNCTION ledger_take_serials(p_count bigint) RETURNS int8range LANGUAGE plpgsql AS $$
DECLARE
    following bigint;
BEGIN
    INSERT INTO ledger_serialcounter AS counter (id, next) VALUES (1, 1 + p_count)
    ON CONFLICT (id) DO UPDATE SET next = counter.next + p_count RETURNING next INTO following;
    RETURN int8range(following - p_count, following);
END $$;

-- Post lines, write the fact of it into the journal and its outbox, all in the one call an act makes.
--
-- ``p_leaf`` is the canonical leaf cut where the ledger has the word: after the n-th piece stand the serial blocks of
-- the n-th line as [[first,last],…], and after the last but one the movement's id. A leaf without serials has two
-- pieces. A fact that does not fit a leaf is refused (TH007).
CREATE FUNCTION ledger_post_and_tell(
    p_reference text, p_kind text, p_at timestamptz, p_source bigint[], p_target bigint[], p_asset bigint[],
    p_quantity bigint[], p_serials int8range[], p_reservation bigint, p_locks bigint[], p_leaf text[], p_private jsonb,
    p_by bigint
) RETURNS TABLE (movement bigint, entry bigint, ordinals integer[], serials int8range[])
LANGUAGE plpgsql ROWS 1 AS $$
#variable_conflict use_variable
DECLARE
    told text := p_leaf[1];
    blocks text;
    leaf bytea;
BEGIN
    SELECT min(posted.movement), array_agg(posted.ordinal), array_agg(posted.serials)
      INTO movement, ordinals, serials
      FROM ledger_post(p_reference, p_kind, p_at, p_source, p_target, p_asset, p_quantity, p_serials, p_reservation,
                       p_locks) AS posted;
    IF cardinality(p_leaf) > 2 THEN
        FOR n IN 1 .. cardinality(p_source) LOOP
            SELECT string_agg('[' || lower(piece) || ',' || upper(piece) - 1 || ']', ',') INTO blocks
              FROM unnest(ordinals, serials) AS found (line, piece) WHERE found.line = n;
            told := told || '[' || blocks || ']' || p_leaf[n + 1];
        END LOOP;
    END IF;
    leaf := convert_to(told || movement || p_leaf[cardinality(p_leaf)], 'UTF8');
    IF octet_length(leaf) > 65535 THEN
        PERFORM ledger_refuse('TH007', jsonb_build_object('count', cardinality(serials), 'bytes', octet_length(leaf)));
    END IF;
    INSERT INTO journal_entry (kind, leaf, private, by_id, at) VALUES (p_kind, leaf, p_private, p_by, p_at)
    RETURNING id INTO entry;
    INSERT INTO journal_pending (entry_id) VALUES (entry);
    RETURN NEXT;
END $$;
