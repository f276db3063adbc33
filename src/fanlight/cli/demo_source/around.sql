-- What stands around the tables: sequences, ranges, functions, triggers, rules, policies, statistics and publications.
-- Texts that begin with `flrow_` stand in rows, and texts that begin with `flliteral_` in literals and in code: a control
-- looks for them in everything that Fanlight keeps, and must find none.

CREATE SEQUENCE sales.counter_ticket AS integer MINVALUE 1 MAXVALUE 999 CYCLE CACHE 1;
COMMENT ON SEQUENCE sales.counter_ticket IS 'Numbers of the counter''s queue. Begins again after 999.';
CREATE SEQUENCE finance.dunning_run START 1000 INCREMENT 10;
CREATE SEQUENCE logistics.parcel_label OWNED BY logistics.parcels.parcel_number;
COMMENT ON SEQUENCE logistics.parcel_label IS 'Printed on labels, in the order of packing.';

CREATE DOMAIN marketing.utm_source AS text DEFAULT 'flliteral_domain_default' CHECK (VALUE <> 'flliteral_domain_check');
COMMENT ON DOMAIN marketing.utm_source IS 'Where a visit came from, as the link says.';
CREATE TYPE catalog.price_range AS RANGE (subtype = numeric);
COMMENT ON TYPE catalog.price_range IS 'From and to, in the currency of the price list.';
CREATE TYPE logistics.time_window AS RANGE (subtype = time);
CREATE TYPE sales.money_amount AS (amount_minor bigint, currency finance.currency_code);
COMMENT ON TYPE sales.money_amount IS 'An amount and what it is in.';
COMMENT ON COLUMN sales.money_amount.amount_minor IS 'In minor units, such as cents.';

CREATE FUNCTION sales.gross(net_minor bigint, tax_percent numeric DEFAULT 21.0) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$SELECT round(net_minor * (1 + tax_percent / 100))::bigint$$;
COMMENT ON FUNCTION sales.gross(bigint, numeric) IS 'Adds the tax to a net amount.';
CREATE FUNCTION sales.gross(net_minor bigint, country finance.country_code) RETURNS bigint
    LANGUAGE sql STABLE AS $$SELECT net_minor$$;
COMMENT ON FUNCTION sales.gross(bigint, finance.country_code) IS 'The same, by the tax of a country.';
CREATE FUNCTION sales.greeting(
    customer_name text, salutation text DEFAULT 'flliteral_argument', OUT line text, OUT language char(2)
)   LANGUAGE plpgsql STABLE AS $$BEGIN line := 'flliteral_body'; language := 'en'; END$$;
CREATE FUNCTION sales.orders_of(customer bigint, since date DEFAULT CURRENT_DATE - 90)
    RETURNS TABLE (order_number text, placed_on date, total sales.money_amount)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, sales AS $$
    SELECT o.order_number, o.placed_at::date, ROW(o.total_minor, o.currency)::sales.money_amount
    FROM sales.orders AS o WHERE o.customer_id = customer AND o.placed_at >= since AND o.order_number <> 'flliteral_code'
$$;
COMMENT ON FUNCTION sales.orders_of(bigint, date) IS 'What a customer has ordered lately. Runs with the rights of its owner.';
CREATE PROCEDURE finance.close_period(period bigint, INOUT entries integer DEFAULT 0, note text DEFAULT 'flliteral_note')
    LANGUAGE plpgsql AS $$BEGIN entries := 0; END$$;
COMMENT ON PROCEDURE finance.close_period(bigint, integer, text) IS 'Closes a period once its trial balance is zero.';
CREATE FUNCTION analytics.longer_of(text, text) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$SELECT CASE WHEN length($2) > length($1) THEN $2 ELSE $1 END$$;
CREATE AGGREGATE analytics.longest(text) (SFUNC = analytics.longer_of, STYPE = text, INITCOND = 'flliteral_start');
COMMENT ON AGGREGATE analytics.longest(text) IS 'The longest of the texts.';

CREATE FUNCTION sales.note_large_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sales.order_events (order_id, happened_at, event) VALUES (NEW.order_id, now(), 'flliteral_event');
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_large AFTER INSERT OR UPDATE OF subtotal_minor ON sales.orders FOR EACH ROW
    WHEN (NEW.subtotal_minor > 1000000 AND NEW.gift_message <> 'flliteral_condition') EXECUTE FUNCTION sales.note_large_order();
COMMENT ON TRIGGER orders_large ON sales.orders IS 'Tells the sales desk about the large ones.';
CREATE TRIGGER orders_archive AFTER DELETE ON sales.orders REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION sales.note_large_order();
ALTER TABLE sales.orders DISABLE TRIGGER orders_archive;
CREATE RULE promotions_stay AS ON DELETE TO sales.promotions WHERE OLD.promo_code <> 'flliteral_rule' DO INSTEAD NOTHING;

ALTER TABLE people.absences ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_absences ON people.absences FOR SELECT USING (employee_id = 4711);
CREATE POLICY only_plain_kinds ON people.absences AS RESTRICTIVE FOR INSERT
    WITH CHECK (kind IN ('holiday', 'training') AND current_user <> 'flliteral_policy');
COMMENT ON POLICY own_absences ON people.absences IS 'Everyone sees their own.';
CREATE STATISTICS sales.orders_by_channel (ndistinct, dependencies) ON channel_id, currency, state FROM sales.orders;
COMMENT ON STATISTICS sales.orders_by_channel IS 'These three go together.';
CREATE STATISTICS sales.orders_by_month ON (date_trunc('month', placed_at AT TIME ZONE 'UTC')), channel_id FROM sales.orders;
ALTER TABLE logistics.tracking_events REPLICA IDENTITY FULL;

ALTER TABLE marketing.campaigns ALTER COLUMN medium SET DEFAULT 'flliteral_default';
ALTER TABLE marketing.campaigns ADD CONSTRAINT campaigns_not_blank CHECK (name <> 'flliteral_check');
CREATE INDEX campaigns_live ON marketing.campaigns (name) WHERE medium <> 'flliteral_index';
CREATE VIEW marketing.campaign_names AS SELECT campaign_id, name, 'flliteral_view'::text AS origin FROM marketing.campaigns;
COMMENT ON VIEW marketing.campaign_names IS 'For the drop-down lists of the shop.';

UPDATE people.employees SET bank_iban = 'flrow_iban_' || employee_id WHERE employee_id <= 40;
UPDATE sales.customers SET phone = 'flrow_phone_' || customer_id WHERE customer_id % 50 = 0;
UPDATE sales.orders SET gift_message = 'flrow_gift_' || order_id WHERE order_id % 200 = 0;
INSERT INTO legacy."Kunden Liste" ("KundenNr", "Name 1") VALUES (999999, 'flrow_customer');

-- What only a superuser may make. Without it the company does without.
DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    SET LOCAL client_min_messages = error; -- about a wal_level that suffices for the demo
    CREATE PUBLICATION web_shop FOR TABLE catalog.products (product_id, name, status), catalog.prices WHERE (amount_minor > 77)
        WITH (publish = 'insert');
    COMMENT ON PUBLICATION web_shop IS 'What the web shop copies.';
    CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, truncate');
    CREATE FUNCTION analytics.on_drop() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER tell_about_drops ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION analytics.on_drop();
    COMMENT ON EVENT TRIGGER tell_about_drops IS 'The data team wants to know.';
END
$$;
