-- The limits the ledger is measured against: the least a durable double-entry transfer can do.
-- L1 locks two balances in order, writes one transfer, two entries and the idempotency key. L2 does a hundred set-based.
CREATE TABLE limit_balance (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0));
CREATE TABLE limit_transfer (id bigserial PRIMARY KEY, source bigint, target bigint, amount bigint,
                             at timestamptz DEFAULT now());
CREATE TABLE limit_entry (id bigserial PRIMARY KEY, transfer bigint, account bigint, amount bigint, balance bigint);
CREATE TABLE limit_key (key text PRIMARY KEY, transfer bigint);

CREATE FUNCTION limit_one(p_key text, p_source bigint, p_target bigint, p_amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
    left_balance bigint;
    right_balance bigint;
BEGIN
    PERFORM FROM limit_balance WHERE id = least(p_source, p_target) FOR UPDATE;
    PERFORM FROM limit_balance WHERE id = greatest(p_source, p_target) FOR UPDATE;
    UPDATE limit_balance SET balance = balance - p_amount WHERE id = p_source RETURNING balance INTO left_balance;
    UPDATE limit_balance SET balance = balance + p_amount WHERE id = p_target RETURNING balance INTO right_balance;
    INSERT INTO limit_transfer (source, target, amount) VALUES (p_source, p_target, p_amount) RETURNING id INTO made;
    INSERT INTO limit_entry (transfer, account, amount, balance)
    VALUES (made, p_source, -p_amount, left_balance), (made, p_target, p_amount, right_balance);
    INSERT INTO limit_key VALUES (p_key, made);
    RETURN made;
END $$;

CREATE FUNCTION limit_hundred(p_key text, p_source bigint[], p_target bigint[], p_amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    first_made bigint;
BEGIN
    PERFORM FROM limit_balance WHERE id = ANY (p_source || p_target) ORDER BY id FOR UPDATE;
    WITH change AS (
        SELECT id, sum(amount) AS amount FROM (
            SELECT unnest(p_source) AS id, -p_amount AS amount UNION ALL SELECT unnest(p_target), p_amount
        ) AS both_sides GROUP BY id
    )
    UPDATE limit_balance AS b SET balance = b.balance + change.amount FROM change WHERE change.id = b.id;
    WITH made AS (
        INSERT INTO limit_transfer (source, target, amount)
        SELECT s, t, p_amount FROM unnest(p_source, p_target) AS pair (s, t) RETURNING id, source, target
    ), entries AS (
        INSERT INTO limit_entry (transfer, account, amount)
        SELECT id, source, -p_amount FROM made UNION ALL SELECT id, target, p_amount FROM made
    )
    SELECT min(id) INTO first_made FROM made;
    INSERT INTO limit_key VALUES (p_key, first_made);
    RETURN first_made;
END $$;

INSERT INTO limit_balance SELECT n, 1000000000 FROM generate_series(1, 400) AS n;
