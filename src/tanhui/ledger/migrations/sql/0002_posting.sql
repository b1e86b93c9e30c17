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

-- No two blocks overlap: a unit with two holders cannot be stored. Free blocks are found by place in serial order.
ALTER TABLE ledger_block ADD CONSTRAINT serials_never_overlap EXCLUDE USING gist (serials WITH &&);
ALTER TABLE ledger_block ADD CONSTRAINT a_block_is_not_empty CHECK (NOT isempty(serials));
CREATE INDEX free_blocks_by_place ON ledger_block (account_id, asset_id, lower(serials))
    WHERE reservation_id IS NULL AND locks = '{}';
CREATE INDEX blocks_by_place ON ledger_block (account_id, asset_id, lower(serials))
    WHERE reservation_id IS NOT NULL OR locks <> '{}';
CREATE INDEX blocks_by_reservation ON ledger_block (reservation_id) WHERE reservation_id IS NOT NULL;
CREATE INDEX blocks_by_lock ON ledger_block USING gin (locks) WHERE locks <> '{}';

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

-- Cut ``p_piece`` out of a block: what is left keeps its place, the piece gets a new one.
CREATE FUNCTION ledger_cut(
    p_block bigint, p_serials int8range, p_piece int8range, p_asset bigint, p_account bigint, p_reservation bigint,
    p_locks bigint[], p_new_account bigint, p_new_reservation bigint, p_new_locks bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_piece = p_serials THEN
        UPDATE ledger_block SET account_id = p_new_account, reservation_id = p_new_reservation, locks = p_new_locks
         WHERE id = p_block;
        RETURN;
    END IF;
    IF lower(p_piece) = lower(p_serials) THEN
        UPDATE ledger_block SET serials = int8range(upper(p_piece), upper(p_serials)) WHERE id = p_block;
    ELSE
        UPDATE ledger_block SET serials = int8range(lower(p_serials), lower(p_piece)) WHERE id = p_block;
        IF upper(p_piece) < upper(p_serials) THEN
            INSERT INTO ledger_block (serials, asset_id, account_id, reservation_id, locks)
            VALUES (int8range(upper(p_piece), upper(p_serials)), p_asset, p_account, p_reservation, p_locks);
        END IF;
    END IF;
    INSERT INTO ledger_block (serials, asset_id, account_id, reservation_id, locks)
    VALUES (p_piece, p_asset, p_new_account, p_new_reservation, p_new_locks);
END $$;

-- The blocks a move may take from, oldest serial first.
CREATE FUNCTION ledger_candidates(
    p_cursor refcursor, p_account bigint, p_asset bigint, p_serials int8range, p_reservation bigint, p_locks bigint[]
) RETURNS refcursor LANGUAGE plpgsql AS $$
BEGIN
    IF p_reservation IS NOT NULL THEN
        OPEN p_cursor NO SCROLL FOR
            SELECT id, serials, reservation_id, locks FROM ledger_block
             WHERE reservation_id = p_reservation AND account_id + 0 = p_account AND asset_id + 0 = p_asset
               AND locks <@ p_locks AND (p_serials IS NULL OR serials && p_serials)
             ORDER BY lower(serials);
    ELSIF p_serials IS NOT NULL THEN
        OPEN p_cursor NO SCROLL FOR
            SELECT id, serials, reservation_id, locks FROM ledger_block
             WHERE serials && p_serials AND account_id + 0 = p_account AND asset_id + 0 = p_asset
               AND reservation_id IS NULL AND locks <@ p_locks
             ORDER BY lower(serials);
    ELSIF p_locks <> '{}' THEN
        OPEN p_cursor NO SCROLL FOR
            SELECT id, serials, reservation_id, locks FROM ledger_block
             WHERE account_id = p_account AND asset_id = p_asset AND reservation_id IS NULL AND locks <@ p_locks
             ORDER BY lower(serials);
    ELSE
        OPEN p_cursor NO SCROLL FOR
            SELECT id, serials, reservation_id, locks FROM ledger_block
             WHERE account_id = p_account AND asset_id = p_asset AND reservation_id IS NULL AND locks = '{}'
             ORDER BY lower(serials);
    END IF;
    RETURN p_cursor;
END $$;

-- Move N quantities, in order, as one movement. Units come from free blocks, or from ``p_reservation``, or from under
-- the locks in ``p_locks``. A null in ``p_serials`` means oldest first. A reservation is resolved by this call; what it
-- holds beyond what is moved goes free.
CREATE FUNCTION ledger_post(
    p_reference text, p_kind text, p_at timestamptz, p_source bigint[], p_target bigint[], p_asset bigint[],
    p_quantity bigint[], p_serials int8range[], p_reservation bigint DEFAULT NULL, p_locks bigint[] DEFAULT '{}'
) RETURNS TABLE (movement bigint, ordinal integer, serials int8range)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    boundary bigint[];
    plain bigint[];
    k record;
    b record;
    c refcursor;
    need bigint;
    piece int8range;
    pieces int8range[];
    freed bigint;
    source_balance bigint;
    target_balance bigint;
    moved bigint := 0;
    movement_id bigint;
BEGIN
    INSERT INTO ledger_movement (reference, kind, at) VALUES (p_reference, p_kind, p_at) RETURNING id INTO movement_id;
    SELECT coalesce(array_agg(id), '{}') INTO boundary FROM ledger_account
     WHERE id = ANY (p_source || p_target) AND is_boundary;
    SELECT coalesce(array_agg(id), '{}') INTO plain FROM ledger_asset WHERE id = ANY (p_asset) AND NOT serialised;
    IF p_reservation IS NOT NULL THEN
        PERFORM ledger_close(p_reservation, 'POSTED', p_at, movement_id);
    END IF;

    FOR k IN
        SELECT DISTINCT account, asset FROM (
            SELECT unnest(p_source) AS account, unnest(p_asset) AS asset
            UNION ALL SELECT unnest(p_target), unnest(p_asset)
        ) AS keys WHERE account <> ALL (boundary) ORDER BY account, asset
    LOOP
        PERFORM ledger_hold(k.account, k.asset);
    END LOOP;

    FOR n IN 1 .. cardinality(p_source) LOOP
        need := p_quantity[n];
        pieces := '{}';
        freed := 0;
        IF p_source[n] = ANY (boundary) THEN
            IF p_asset[n] <> ALL (plain) THEN
                INSERT INTO ledger_block (serials, asset_id, account_id, reservation_id, locks)
                VALUES (p_serials[n], p_asset[n], p_target[n], NULL, '{}');
            END IF;
            pieces := ARRAY[p_serials[n]];
        ELSIF p_asset[n] = ANY (plain) THEN
            pieces := ARRAY[NULL::int8range];
            freed := CASE WHEN p_reservation IS NULL THEN 0 ELSE need END;
        ELSE
            c := ledger_candidates(NULL, p_source[n], p_asset[n], p_serials[n], p_reservation, p_locks);
            LOOP
                FETCH c INTO b;
                EXIT WHEN NOT FOUND;
                piece := b.serials * coalesce(p_serials[n], b.serials);
                IF upper(piece) - lower(piece) > need THEN
                    piece := int8range(lower(piece), lower(piece) + need);
                END IF;
                PERFORM ledger_cut(b.id, b.serials, piece, p_asset[n], p_source[n], b.reservation_id, b.locks,
                                   p_target[n], NULL, '{}');
                pieces := pieces || piece;
                need := need - (upper(piece) - lower(piece));
                IF b.reservation_id IS NOT NULL OR b.locks <> '{}' THEN
                    freed := freed + (upper(piece) - lower(piece));
                END IF;
                EXIT WHEN need = 0;
            END LOOP;
            CLOSE c;
            IF need > 0 THEN
                IF p_serials[n] IS NULL THEN
                    PERFORM ledger_refuse_short(p_source[n], p_asset[n], p_quantity[n]);
                END IF;
                PERFORM ledger_refuse_serials(p_source[n], p_asset[n], p_serials[n]);
            END IF;
        END IF;

        source_balance := NULL;
        target_balance := NULL;
        IF p_source[n] <> ALL (boundary) THEN
            UPDATE ledger_holding
               SET quantity = quantity - p_quantity[n], encumbered = encumbered - freed, version = version + 1
             WHERE account_id = p_source[n] AND asset_id = p_asset[n]
               AND quantity - p_quantity[n] >= encumbered - freed AND encumbered >= freed
            RETURNING quantity INTO source_balance;
            IF NOT FOUND THEN
                PERFORM ledger_refuse_short(p_source[n], p_asset[n], p_quantity[n]);
            END IF;
        END IF;
        IF p_target[n] <> ALL (boundary) THEN
            UPDATE ledger_holding SET quantity = quantity + p_quantity[n], version = version + 1
             WHERE account_id = p_target[n] AND asset_id = p_asset[n]
            RETURNING quantity INTO target_balance;
        END IF;
        INSERT INTO ledger_posting (movement_id, account_id, asset_id, quantity, serials, balance, at)
        SELECT movement_id, side.account, p_asset[n],
               side.sign * coalesce(upper(p) - lower(p), p_quantity[n]), p, side.balance, p_at
          FROM unnest(pieces) AS p,
               (VALUES (-1, p_source[n], source_balance), (1, p_target[n], target_balance))
               AS side (sign, account, balance);
        moved := moved + p_quantity[n];
        RETURN QUERY SELECT movement_id, n, p FROM unnest(pieces) AS p;
    END LOOP;

    IF p_reservation IS NOT NULL THEN
        PERFORM ledger_free(p_reservation, moved, p_asset, p_quantity, plain);
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
    plain bigint[];
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
    SELECT coalesce(array_agg(id), '{}') INTO plain FROM ledger_asset WHERE id = ANY (p_asset) AND NOT serialised;
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
        IF p_asset[n] = ANY (plain) THEN
            INSERT INTO ledger_reservationline (reservation_id, asset_id, quantity, serials)
            VALUES (reservation_id, p_asset[n], p_quantity[n], NULL);
            RETURN QUERY SELECT reservation_id, n, NULL::int8range;
            CONTINUE;
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
            PERFORM ledger_cut(b.id, b.serials, piece, p_asset[n], p_account, NULL, '{}',
                               p_account, reservation_id, '{}');
            INSERT INTO ledger_reservationline (reservation_id, asset_id, quantity, serials)
            VALUES (reservation_id, p_asset[n], upper(piece) - lower(piece), piece);
            need := need - (upper(piece) - lower(piece));
            RETURN QUERY SELECT reservation_id, n, piece;
            EXIT WHEN need = 0;
        END LOOP;
        CLOSE c;
        IF need > 0 THEN
            IF p_serials[n] IS NULL THEN
                PERFORM ledger_refuse_short(p_account, p_asset[n], p_quantity[n]);
            END IF;
            PERFORM ledger_refuse_serials(p_account, p_asset[n], p_serials[n]);
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
    p_reservation bigint, p_moved bigint, p_asset bigint[], p_quantity bigint[], p_plain bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
    freed bigint;
BEGIN
    FOR r IN
        SELECT l.asset_id, v.account_id, sum(l.quantity) AS reserved,
               (SELECT coalesce(sum(q), 0) FROM unnest(p_asset, p_quantity) AS m (asset, q)
                 WHERE m.asset = l.asset_id) AS moved
          FROM ledger_reservationline AS l JOIN ledger_reservation AS v ON v.id = l.reservation_id
         WHERE l.reservation_id = p_reservation GROUP BY l.asset_id, v.account_id ORDER BY l.asset_id
    LOOP
        IF r.asset_id = ANY (p_plain) THEN
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
    UPDATE ledger_block SET reservation_id = NULL WHERE reservation_id = p_reservation;
END $$;

-- End a reservation without moving anything.
CREATE FUNCTION ledger_release(p_reservation bigint, p_kind text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    plain bigint[];
    a record;
BEGIN
    PERFORM ledger_close(p_reservation, p_kind, p_at, NULL);
    FOR a IN
        SELECT DISTINCT v.account_id, l.asset_id
          FROM ledger_reservationline AS l JOIN ledger_reservation AS v ON v.id = l.reservation_id
         WHERE l.reservation_id = p_reservation ORDER BY 1, 2
    LOOP
        PERFORM ledger_hold(a.account_id, a.asset_id);
    END LOOP;
    SELECT coalesce(array_agg(id), '{}') INTO plain FROM ledger_asset
     WHERE NOT serialised AND id IN (SELECT asset_id FROM ledger_reservationline WHERE reservation_id = p_reservation);
    PERFORM ledger_free(p_reservation, 0, '{}', '{}', plain);
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
        covered := 0;
        taken := 0;
        FOR b IN
            SELECT id, serials, reservation_id, locks FROM ledger_block
             WHERE serials && p_serials[n] AND account_id + 0 = p_account[n] AND asset_id + 0 = p_asset[n]
             ORDER BY lower(serials)
        LOOP
            piece := b.serials * p_serials[n];
            PERFORM ledger_cut(b.id, b.serials, piece, p_asset[n], p_account[n], b.reservation_id, b.locks,
                               p_account[n], b.reservation_id, b.locks || lock_id);
            covered := covered + ledger_size(piece);
            IF b.reservation_id IS NULL AND b.locks = '{}' THEN
                taken := taken + ledger_size(piece);
            END IF;
        END LOOP;
        IF covered < ledger_size(p_serials[n]) THEN
            PERFORM ledger_refuse_serials(p_account[n], p_asset[n], p_serials[n]);
        END IF;
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
        UPDATE ledger_block SET locks = array_remove(locks, p_lock)
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
